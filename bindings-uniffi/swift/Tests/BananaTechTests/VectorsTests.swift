import BananaTech
import Foundation
import XCTest

/// The cases that every language reads. `hmac_rfc4231` and `aes_cbc_sp800_38a` are about what isn't exported.
final class VectorsTests: XCTestCase {
    func testEnvelope() throws {
        var requests = 0
        try each("envelope") { vector in
            let merchant = try merchant(of: vector)
            let (plaintext, body) = try (vector.text("plaintext"), vector.text("response_body"))
            let iv = try bytes(vector.text("iv_hex"))
            if (try? Value(plaintext)) == nil {
                XCTAssertEqual(try merchant.testAnswer(response: Redacted(plaintext), iv: iv).string, body, vector.name)
                XCTAssertEqual(try merchant.diagnose(rawBody: body.data), "not_json", vector.name)
                return
            }
            let byBytes = try BananaTechTests.merchant(Redacted(vector.text("key_hex")), codec: .hex)
            for merchant in [merchant, byBytes] {
                XCTAssertEqual(try merchant.testAnswer(response: Redacted(plaintext), iv: iv).string, body, vector.name)
            }
            XCTAssertNil(try merchant.diagnose(rawBody: body.data), vector.name)
            XCTAssertEqual(try merchant.opened(body.data), plaintext, vector.name)
            for operation in operationNames.values {
                let plan = #"{"operation":"\#(operation)","body":\#(plaintext)}"#
                guard let plan = try? Plan(checking: Redacted(plan)) else { continue }
                let request = try merchant.seal(operation: plan.operation, iv: iv)
                // Only where our JSON is the vector's very text can the bytes be the same.
                guard request.body == (try vector.text("request_body")) else { continue }
                XCTAssertEqual(request.headers.first { $0.name == "X-HMAC" }?.value, Redacted(try vector.text("hmac")))
                requests += 1
            }
        }
        XCTAssertGreaterThanOrEqual(requests, 10, "too few vectors are an operation's own text")
    }

    func testEnvelopeAccepted() throws {
        try each("envelope_accepted") { vector in
            XCTAssertEqual(try merchant(of: vector).opened(vector.text("body").data), try vector.text("plaintext"), vector.name)
        }
    }

    func testEnvelopeRejected() throws {
        let diagnoses = [
            "mac_not_hex": "mac_format", "mac_length": "mac_format", "mac_mismatch": "mac_mismatch",
            "payload_not_base64": "payload_not_base64", "payload_too_short": "payload_length",
            "payload_not_blocks": "payload_length", "bad_padding": "padding", "not_utf8": "not_utf8", "not_json": "not_json",
        ]
        try each("envelope_rejected") { vector in
            let (merchant, body) = try (merchant(of: vector), vector.text("body"))
            func alike<T>(_ work: () throws -> T) throws {
                guard case .notAuthentic = try thrown(vector.name, work) else {
                    return XCTFail(vector.name)
                }
            }
            for status: Int32 in [200, 400] {
                try alike { try merchant.read(operation: .getAccountBalance, status: status, body: body.data) }
            }
            if body.contains(#""type""#) { try alike { try merchant.receive(rawBody: body.data) } }
            let diagnosis = try XCTUnwrap(diagnoses[vector.text("reason")], "a new reason")
            XCTAssertEqual(try merchant.diagnose(rawBody: body.data), diagnosis, vector.name)
        }
    }

    func testKeys() throws {
        try each("keys") { vector in
            guard try vector.flag("ok") else {
                let error = try thrown(vector.name) { try merchant(of: vector) }
                XCTAssertEqual(error.code.rawValue, try vector.text("code"), vector.name)
                if let got = vector["got_bytes"]?.int {
                    XCTAssertTrue(error.summary.contains("got \(got)"), vector.name)
                }
                return
            }
            let byBytes = try merchant(Redacted(vector.text("key_hex")), codec: .hex)
            XCTAssertEqual(
                try merchant(of: vector).testAnswer(response: "{}", iv: iv), try byBytes.testAnswer(response: "{}", iv: iv),
                vector.name)
        }
    }

    func testCardNumbers() throws {
        try each("card_number") { vector in
            let number = Redacted(try vector.text("text"))
            guard try vector.flag("ok") else { return try refused(vector) { try CardNumberFacts(number) } }
            let brand = vector["brand"] == .null ? nil : vector["brand"]
            let expected = vector.value.with(["name": nil, "text": nil, "ok": nil, "brand": brand])
            XCTAssertEqual(try differences(CardNumberFacts(number), expected), [], vector.name)
        }
    }

    func testPins() throws {
        try each("pin") { vector in
            let text = Redacted(try vector.text("text"))
            let kind = try vector.text("kind")
            XCTAssertTrue(["activation", "change"].contains(kind), "a new kind: \(kind)")
            let check = { try kind == "activation" ? PinFacts(activationPin: text) : PinFacts(newPin: text) }
            guard try vector.flag("ok") else { return try refused(vector, check) }
            XCTAssertEqual(try check().weaknesses, try vector.codes("weaknesses").map(weakness), vector.name)
        }
    }

    func testCvvs() throws {
        try each("cvv") { vector in
            let text = Redacted(try vector.text("text"))
            guard try vector.flag("ok") else { return try refused(vector) { try CvvLength.check(text) } }
            XCTAssertNoThrow(try CvvLength.check(text), vector.name)
        }
    }

    func testExpiries() throws {
        var months = 0
        try each("expiry") { vector in
            let text = try vector.text("text")
            guard try vector.flag("ok") else { return try refused(vector) { try Expiry(text) } }
            let date = try Expiry(text)
            XCTAssertEqual(date, Expiry(month: try vector.int("month"), year: try vector.int("year")), vector.name)
            XCTAssertEqual(date.description, text, vector.name)
            for at in try XCTUnwrap(vector["expired_at_cases"]?.list).map(Vector.init) {
                let expired = try date.isExpired(in: YearMonth(year: at.int("year"), month: at.int("month")))
                XCTAssertEqual(expired, try at.flag("expired"), "\(vector.name) at \(at.value)")
                months += 1
            }
        }
        XCTAssertGreaterThan(months, 30)
    }

    func testBrands() throws {
        try each("fields", "brands") { vector in
            let brand = try brand(vector.name)
            let facts = BrandFacts(
                name: try vector.text("title"), lengths: try vector.ints("lengths"), gaps: try vector.ints("gaps"),
                securityCode: try vector.text("security_code"), securityCodeLength: try vector.int("security_code_length"))
            XCTAssertEqual(brand.facts, facts, vector.name)
            XCTAssertEqual(CvvLength(of: brand), facts.securityCodeLength == 4 ? .four : .three, vector.name)
        }
        XCTAssertEqual(CvvLength(of: nil), .threeOrFour)
    }

    func testNumberFields() throws {
        try each("fields", "number") { vector in
            let text = Redacted(try vector.text("text"))
            let expected = NumberField(
                verdict: try vector.verdict(), assignment: try Vector(value: XCTUnwrap(vector["assignment"])).verdict(),
                value: Redacted(try vector.text("value")), brand: try vector["brand"]?.text.map(brand),
                brands: try vector.codes("brands").map(brand), luhn: try vector["luhn"]?.text.map { try coded($0, \.code) })
            var field = NumberField(text)
            if let rules = vector["rules"] {
                let most = rules["max_length"]?.int.map { Int32($0) }
                field = NumberField(text, rules: NumberRules(
                        maxLength: most, skipLuhn: rules["skip_luhn"]?.flag ?? false,
                        luhnUnionpay: rules["luhn_unionpay"]?.flag ?? false))
            }
            XCTAssertEqual(field, expected, vector.name)
            XCTAssertEqual(field.value.expose(), expected.value.expose(), vector.name)
            XCTAssertEqual(field.verdict.isValid, field.verdict.validity == .valid, vector.name)
            XCTAssertEqual(field.verdict.isPotentiallyValid, field.verdict.validity != .invalid, vector.name)
        }
    }

    func testExpiryFields() throws {
        try each("fields", "expiry") { vector in
            let text = try vector.text("text")
            let at = Vector(value: try XCTUnwrap(vector["now"]))
            let now = YearMonth(year: try at.int("year"), month: try at.int("month"))
            let most = vector["max_years"]?.int
            let value = try vector["year"]?.int.map { YearMonth(year: $0, month: try vector.int("month")) }
            let expected = ExpiryField(verdict: try vector.verdict(), value: value)
            let rules = most.map { ExpiryRules(now: now, maxYears: Int32($0)) } ?? ExpiryRules(now: now)
            XCTAssertEqual(ExpiryField(text, rules: rules), expected, vector.name)
            guard most == nil || most == 19 else { return }
            // The last moment of that month, there.
            var calendar = Calendar(identifier: .gregorian)
            let timeZone = try XCTUnwrap(TimeZone(secondsFromGMT: 9 * 3600))
            calendar.timeZone = timeZone
            let after = DateComponents(year: now.year, month: now.month + 1)
            let date = try XCTUnwrap(calendar.date(from: after)) - 1
            XCTAssertEqual(ExpiryField(text, at: date, in: timeZone), expected, vector.name)
        }
    }

    func testOtherFields() throws {
        try each("fields", "cvv") { vector in
            let text = Redacted(try vector.text("text"))
            let length: CvvLength = try coded(vector.text("length")) { snake("\($0)") }
            let expected = PlainField(verdict: try vector.verdict(), value: text)
            XCTAssertEqual(PlainField(cvv: text, length: length), expected, vector.name)
        }
        try each("fields", "cardholder_name") { vector in
            let expected = PlainField(verdict: try vector.verdict(), value: Redacted(try vector.text("value")))
            XCTAssertEqual(PlainField(cardholderName: try vector.text("text")), expected, vector.name)
        }
        try each("fields", "postal_code") { vector in
            let (text, least) = try (vector.text("text"), vector.int("min_length"))
            let expected = PlainField(verdict: try vector.verdict(), value: Redacted(try vector.text("value")))
            XCTAssertEqual(PlainField(postalCode: text, minLength: least), expected, vector.name)
            if least == 2 { XCTAssertEqual(PlainField(postalCode: text), expected, vector.name) }
        }
    }

    func testPinFields() throws {
        try each("fields", "pin") { vector in
            let text = Redacted(try vector.text("text"))
            let about = try XCTUnwrap(vector["context"])
            let context = PinContext(
                birthDate: try about["birth_date"]?.text.map { try BirthDate(Redacted($0)) },
                phone: about["phone"]?.text.map { Redacted($0) }, cardNumber: about["card_number"]?.text.map { Redacted($0) })
            let length: PinLength = try coded(vector.text("length")) { snake("\($0)") }
            let rules = PinRules(length: length, refuseWeak: try vector.flag("refuse_weak"), context: context)
            let weaknesses = try vector.codes("weaknesses").map(weakness)
            let field = PinField(text, rules: rules)
            XCTAssertEqual(field, PinField(verdict: try vector.verdict(), weaknesses: weaknesses), vector.name)
            if rules == PinRules(length: .fourToSix, context: PinContext()) {
                XCTAssertEqual(PinField(text), field, vector.name)
            }
            // The same judgement, where a PIN is taken at last.
            guard PinField(text, rules: PinRules(length: length)).verdict.isValid else { return }
            XCTAssertEqual(try context.weaknesses(of: text), weaknesses, vector.name)
            XCTAssertEqual(try PinFacts(newPin: text, context: context).weaknesses, weaknesses, vector.name)
            if length == .six {
                XCTAssertEqual(try PinFacts(activationPin: text, context: context).weaknesses, weaknesses, vector.name)
            }
            let strong = { try context.requireStrong(text) }
            if weaknesses.isEmpty {
                XCTAssertNoThrow(try strong(), vector.name)
            } else {
                XCTAssertEqual(try thrown(vector.name, strong).code, .pinWeak, vector.name)
            }
        }
    }

    func testEdits() throws {
        func format(_ vector: Vector) throws -> FieldFormat {
            switch try vector.text("kind") {
            case "number": .number
            case "assigned_number": .assignedNumber
            case "expiry": .expiry
            case "digits": .digits(most: Int32(try vector.int("most")))
            case let kind: throw Unknown(what: kind)
            }
        }
        func edit(_ vector: Vector) throws -> FieldEdit {
            switch try vector.text("kind") {
            case "insert": .insert(text: Redacted(try vector.text("text")))
            case "delete_backward": .deleteBackward
            case "delete_forward": .deleteForward
            case "replace": .replace(range: try vector.selection("range"), text: Redacted(try vector.text("text")))
            case "changed": .changed(text: Redacted(try vector.text("text")), selection: try vector.selection("selection"))
            case "format": .format
            case let kind: throw Unknown(what: kind)
            }
        }
        try each("fields", "edit") { vector in
            let part = { (name: String) in Vector(value: try XCTUnwrap(vector[name])) }
            let result = try part("result")
            let edited = try format(part("format")).edited(
                Redacted(try vector.text("text")), selection: try vector.selection("selection"), by: try edit(part("edit")))
            XCTAssertEqual(edited.text.expose(), try result.text("text"), vector.name)
            XCTAssertEqual(edited.selection, try result.selection("selection"), vector.name)
        }
    }

    func testAmounts() throws {
        var (typed, refused) = (0, 0)
        try each("amount") { vector in
            let json = try vector.text("json")
            // As JSON, where its digits arrive as they are written: an event takes every amount, a plan says what is wrong.
            let event: Json = Redacted(
                #"{"type":"CARD_BALANCE_CHANGE","data":{"card_id":1,"available":"1","before_available":"1","currency":"USD","#
                    + #""occur_time":1,"amount":\#(json)}}"#)
            if try vector.flag("ok") {
                let text = try vector.text("text")
                let amount = try XCTUnwrap(Decimal(string: text), vector.name)
                guard case .cardBalanceChange(let change) = try Event(json: event) else { return XCTFail(vector.name) }
                XCTAssertEqual(change.amount, amount, vector.name)
                try checkTyped(amount, vector.name)
                typed += 1
                return
            }
            let code = try vector.text("code")
            switch Result(catching: { try Event(json: event) }) {
            case .success(.unrecognized), .failure(is BananaTechError): break
            case let other: XCTFail("\(vector.name): \(other)")
            }
            let plan = Redacted(#"{"operation":"card.recharge","body":{"user_id":1,"card_id":2,"amount":\#(json)}}"#)
            let got = try thrown(vector.name) { try Plan(checking: plan) }.code.rawValue
            // No JSON reader would get as far as some of the wrong amounts, and null counts as absent.
            let others = json == "null" ? ["field.required"] : code == "amount.format" ? ["json.syntax"] : []
            XCTAssertTrue(([code] + others).contains(got), "\(vector.name): \(got)")
            // As an amount of this language, if it can be one that still has too many digits.
            let plain = json.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
            if code == "amount.range", let amount = Decimal(string: plain), amount.isFinite {
                try checkTyped(amount, vector.name)
                refused += 1
            }
        }
        print("amount as Decimal: \(typed) taken, \(refused) at the limits")
        XCTAssertGreaterThan(typed, 50)
        XCTAssertGreaterThan(refused, 5)
    }

    private func hasManyDecimals(_ amount: Decimal) -> Bool {
        var (given, rounded) = (amount, Decimal())
        NSDecimalRound(&rounded, &given, 8, .plain)
        return rounded != amount
    }

    /// A plan has the very amount, or refuses it by the rule.
    private func checkTyped(_ amount: Decimal, _ name: String) throws {
        let planned = Result { try Plan(Recharge(userId: 1, cardId: 2, amount: amount)) }
        switch planned {
        case .success(let plan):
            XCTAssertTrue(amount > 0 && fits(amount) && !hasManyDecimals(amount), name)
            let text = try XCTUnwrap(Value(plan.json.expose())["body"]?["amount"]?.text)
            XCTAssertEqual(Decimal(string: text), amount, name)
            XCTAssertEqual(plan.operation, Recharge(userId: 1, cardId: 2, amount: amount).any, name)
        case .failure(let error as BananaTechError):
            let moved: ErrorCode = amount > 0 ? .amountDecimals : .amountNotPositive
            XCTAssertEqual(error.code, fits(amount) ? moved : .amountRange, name)
            XCTAssertTrue(amount <= 0 || !fits(amount) || hasManyDecimals(amount), name)
        case .failure(let error): XCTFail("\(name): \(error)")
        }
    }

    func testSumsFeesAndComparisons() throws {
        let template = { (fee: Decimal) in CardTemplate(id: 1, rechargeFee: fee) }
        func total(_ amount: Decimal, _ fee: Decimal, _ meant: Fee) throws -> Charge {
            try template(fee).charge(for: Recharge(userId: 1, cardId: 2, amount: amount).any, fee: meant)
        }
        func number(_ vector: Vector, _ field: String) throws -> Decimal {
            try XCTUnwrap(Decimal(string: vector.text(field)), vector.name)
        }
        func result(_ vector: Vector, _ field: String, _ compute: () throws -> Decimal) throws {
            guard let expected = vector[field]?.text.flatMap({ Decimal(string: $0) }) else {
                XCTAssertEqual(try thrown("\(vector.value)", compute).code, .amountRange)
                return
            }
            XCTAssertEqual(try compute(), expected, "\(vector.value)")
        }
        try each("amount", "sums") { vector in
            let (a, b) = try (number(vector, "a"), number(vector, "b"))
            try result(vector, "sum") { try total(a, b, .flat).total }
            try result(vector, "difference") { try total(a, -b, .flat).total }
        }
        try each("amount", "percent") { vector in
            let (amount, percent) = try (number(vector, "amount"), number(vector, "percent"))
            try result(vector, "fee") { try total(amount, percent, .percent).fee }
        }
        try each("amount", "compare") { vector in
            let (a, b) = try (number(vector, "a"), number(vector, "b"))
            let order = try vector.int("order")
            XCTAssertEqual(order, a < b ? -1 : a > b ? 1 : 0)
            let recharge = Recharge(userId: 1, cardId: 2, amount: a).any
            let covered = { try template(0).charge(for: recharge, fee: .flat, balance: b) }
            if order <= 0 {
                XCTAssertNoThrow(try covered(), "\(vector.value)")
            } else {
                XCTAssertEqual(try thrown("\(vector.value)", covered).code, .merchantBalance)
            }
        }
    }

    func testEvents() throws {
        try each("events") { vector in
            let merchant = try merchant(of: vector)
            let (type, data, body) = try (vector.text("type"), vector.text("data"), vector.text("body").data)
            guard try vector.flag("ok") else { return try refused(vector) { try merchant.receive(rawBody: body) } }
            let delivery = try merchant.receive(rawBody: body)
            XCTAssertEqual(delivery.raw.expose(), data, vector.name)
            XCTAssertEqual(delivery.keyId, "2026-11", vector.name)
            XCTAssertNotNil(delivery.fingerprint.range(of: "^[0-9a-f]{64}$", options: .regularExpression), vector.name)
            // Written and read again, it is the same; and so is what is read from the data as they came.
            let written = try delivery.event.json()
            XCTAssertEqual(try Event(json: written), delivery.event, vector.name)
            let name = String(decoding: try JSONEncoder().encode(type), as: UTF8.self)
            XCTAssertEqual(try Event(json: Redacted(#"{"type":\#(name),"data":\#(data)}"#)), delivery.event, vector.name)
            let sealed = try merchant.testWebhook(eventType: type, data: Redacted(data), iv: bytes(vector.text("iv_hex")))
            XCTAssertEqual(try Value(sealed.string), try Value(body.string), vector.name)
            let facts = try delivery.event.facts()
            XCTAssertEqual(facts.eventType, type, vector.name)
            if case .unrecognized(let event) = delivery.event {
                XCTAssertEqual(event.eventType.rawValue, type, vector.name)
                XCTAssertEqual(event.field, vector["unrecognized"]?["field"]?.text, vector.name)
                XCTAssertEqual(event.code.rawValue, vector["unrecognized"]?["code"]?.text, vector.name)
                XCTAssertEqual(event.data.expose(), data, vector.name)
                return
            }
            let expected = try XCTUnwrap(vector.expected("event"))
            XCTAssertEqual(differences(delivery.event, type: type, expected), [], vector.name)
            let documented = expected["data"] == nil && expected["data_text"] == nil
            XCTAssertEqual(facts.cardId.map { Int($0.rawValue) }, documented ? expected["card_id"]?.int : nil, vector.name)
            let time = documented ? expected["occur_time"]?.int : nil
            XCTAssertEqual(facts.occurredAt, time.map { Date(timeIntervalSince1970: Double($0) / 1000) }, vector.name)
        }
        try each("events", "deliveries") { vector in
            let receive = { try merchant(of: vector).receive(rawBody: vector.text("body").data) }
            guard try vector.flag("ok") else { return try refused(vector, receive) }
            let delivery = try receive()
            XCTAssertEqual(try delivery.event.facts().eventType, try vector.text("type"), vector.name)
            XCTAssertEqual(delivery.raw.expose(), try vector.text("data"), vector.name)
        }
    }

    private func kind(_ vector: Vector) throws -> OperationKind {
        try XCTUnwrap(OperationKind(rawValue: vector.text("operation")))
    }

    private func read(_ vector: Vector) throws -> AnyAnswer {
        try merchant(of: vector).read(
            operation: kind(vector), status: Int32(vector.int("status")), body: vector.text("body").data,
            request: vector["request_body"]?.text)
    }

    func testResponses() throws {
        try each("responses", "requests") { vector in
            let plan = #"{"operation":"\#(try vector.text("operation"))","body":\#(try vector.text("body"))}"#
            XCTAssertEqual(try Plan(checking: Redacted(plan)).operation.kind, try kind(vector), vector.name)
        }
        try each("responses", "limits") { vector in
            guard try vector.flag("ok") else { return try refused(vector) { try read(vector) } }
            XCTAssertNoThrow(try read(vector), vector.name)
        }
        try each("responses") { vector in
            let sealed = try vector.flag("sealed")
            guard try !vector.flag("ok") else {
                let answer = try read(vector)
                XCTAssertEqual(differences(inner(answer.response), try vector.expected("response")), [], vector.name)
                XCTAssertEqual(answer.sealedWith, sealed ? "2026-11" : nil, vector.name)
                XCTAssertEqual(answer.raw.expose(), try vector.text("plaintext"), vector.name)
                let written = try answer.response.json()
                XCTAssertEqual(try AnyResponse(to: kind(vector), json: written), answer.response, vector.name)
                return
            }
            switch (vector["failure"]?.text, try thrown(vector.name) { try read(vector) }) {
            case ("not_authentic", .notAuthentic), ("unexpected_answer", .unexpected): break
            case (let failure, .rejected(let rejection, _)) where failure == nil,
                (let failure, .notKnown(let rejection, _)) where failure == "not_known":
                XCTAssertEqual(Int(rejection.status), try vector.int("status"), vector.name)
                XCTAssertEqual(rejection.authenticated, sealed, vector.name)
                XCTAssertEqual(rejection.body.expose(), try vector.text("plaintext"), vector.name)
                if failure == nil {
                    XCTAssertEqual(rejection.words?.expose(), vector["rejected"]?["message"]?.text, vector.name)
                } else {
                    XCTAssertEqual(rejection.meaning, .notKnown, vector.name)
                }
            case (_, let error): XCTFail("\(vector.name): \(error)")
            }
        }
    }

    private func refused<T>(_ vector: Vector, _ work: () throws -> T) throws {
        XCTAssertEqual(try thrown(vector.name, work).code.rawValue, try vector.text("code"), vector.name)
    }
}

/// The value of an enum that has this code.
private func coded<E: CaseIterable>(_ code: String, _ codeOf: (E) -> String) throws -> E {
    guard let found = E.allCases.first(where: { codeOf($0) == code }) else { throw Unknown(what: code) }
    return found
}

private func brand(_ code: String) throws -> Brand { try coded(code, \.code) }

private func weakness(_ code: String) throws -> Weakness { try coded(code, \.code) }

extension Vector {
    /// What is expected, with what other readers of JSON differ about, which stands apart as text.
    fileprivate func expected(_ field: String) throws -> Value? {
        try self[field].map { expected in
            guard let texts = self["extra_text"]?.fields else { return expected }
            return expected.with(["extra": try XCTUnwrap(expected["extra"]).with(texts.mapValues { .exact($0.text ?? "") })])
        }
    }

    fileprivate func codes(_ field: String) throws -> [String] {
        try XCTUnwrap(self[field]?.list, "\(name): \(field)").compactMap(\.text)
    }

    fileprivate func ints(_ field: String) throws -> [Int] {
        try XCTUnwrap(self[field]?.list, "\(name): \(field)").compactMap(\.int)
    }

    fileprivate func selection(_ field: String) throws -> FieldSelection {
        let both = try ints(field)
        return FieldSelection(start: both[0], end: both[1])
    }

    fileprivate func verdict() throws -> FieldVerdict {
        FieldVerdict(
            validity: try coded(text("validity"), \.code), reason: try self["reason"]?.text.map { try coded($0, \.code) })
    }
}

/// Whether the rule for amounts takes it: 28 digits, 28 places, below 10^28. By its text, not by the library.
private func fits(_ amount: Decimal) -> Bool {
    let parts = amount.magnitude.description.split(separator: ".").map(String.init)
    let places = parts.count > 1 ? parts[1] : ""
    let digits = (parts[0] + places).drop { $0 == "0" }
    return digits.count <= 28 && places.count <= 28 && parts[0].count <= 28
}

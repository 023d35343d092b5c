import BananaTech
import Foundation
import XCTest

final class ErrorsTests: XCTestCase {
    /// Every way to put it into words is the one that shows no value.
    private func words(_ error: BananaTechError, file: StaticString = #filePath, line: UInt = #line) {
        let summary = error.summary
        XCTAssertTrue(summary.hasSuffix("[\(error.code)]"), summary, file: file, line: line)
        XCTAssertEqual(error.description, summary, file: file, line: line)
        XCTAssertEqual(error.errorDescription, summary, file: file, line: line)
        XCTAssertEqual(error.localizedDescription, summary, file: file, line: line)
        XCTAssertEqual((error as any Error).localizedDescription, summary, file: file, line: line)
        XCTAssertEqual("\(error)", summary, file: file, line: line)
        XCTAssertEqual(String(reflecting: error), summary, file: file, line: line)
    }

    func testEachCategoryHasItsCodeAndField() throws {
        let merchant = try merchant()
        let input = try thrown { try PinFacts(newPin: "12") }
        let summary = "pin: expected 4 to 6 digits [pin.length]"
        XCTAssertEqual(input, .invalidInput(code: .pinLength, field: "pin", summary: summary))
        XCTAssertEqual(input.code, .pinLength)
        XCTAssertEqual(input.code.rawValue, "pin.length")
        XCTAssertEqual(input.field, "pin")
        words(input)

        let call = try merchant.call(recharge)
        let refused = try thrown { try call.read(status: 400, body: #"{"message":"of card 4111111111111111"}"#.data) }
        guard case .rejected(let rejection, _) = refused else { return XCTFail("\(refused)") }
        XCTAssertEqual(
            rejection,
            Rejection(
                status: 400, meaning: .refused, words: "of card 4111111111111111",
                body: #"{"message":"of card 4111111111111111"}"#, authenticated: false))
        XCTAssertEqual(refused.rejection, rejection)
        XCTAssertNil(refused.answer)
        XCTAssertEqual(refused.code, .rejected)
        XCTAssertNil(refused.field)
        words(refused)

        let body = try BananaTechTests.merchant("another key, also of 32 letters!").testAnswer(response: "{}")
        let forged = try thrown { try call.read(status: 200, body: body) }
        guard case .notAuthentic = forged else { return XCTFail("\(forged)") }
        XCTAssertEqual(forged.code, .notAuthentic)
        XCTAssertNil(forged.field)
        words(forged)

        let unexpected = try thrown { try merchant.call(GetBalance(userId: 1, cardId: 2)).read(status: 200, body: "{}".data) }
        guard case .unexpected(.answerShape, "balance", _) = unexpected else { return XCTFail("\(unexpected)") }
        XCTAssertEqual(unexpected.code, .answerShape)
        XCTAssertEqual(unexpected.field, "balance")
        words(unexpected)

        let setPin = try merchant.call(SetPin(userId: 1, cardId: 2, pin: "60817"))
        let open = try thrown { try setPin.read(status: 200, body: #"{"message":"60817"}"#.data) }
        guard case .notKnown(let answered, _) = open else { return XCTFail("\(open)") }
        XCTAssertEqual(
            answered,
            Rejection(status: 200, meaning: .notKnown, words: "60817", body: #"{"message":"60817"}"#, authenticated: false))
        XCTAssertEqual(open.answer, answered)
        // It may have been carried out.
        XCTAssertNil(open.rejection)
        XCTAssertEqual(open.code, .answerNotKnown)
        XCTAssertNil(open.field)
        words(open)

        let randomness = BananaTechError.noRandomness(summary: "none [randomness.unavailable]")
        XCTAssertEqual(randomness.code, .noRandomness)
        XCTAssertNil(randomness.field)
        words(randomness)

        let unsent = BananaTechError.notSent(summary: "none [request.not_sent]")
        XCTAssertEqual(unsent.code, .requestNotSent)
        XCTAssertNil(unsent.field)
        words(unsent)
    }

    func testEachWrongFieldIsNamed() throws {
        func wrong<O: TypedOperation>(_ operation: O, _ code: ErrorCode, _ field: String?) throws {
            for work in [{ _ = try Plan(operation) }, { _ = try merchant().call(operation) }] {
                let error = try thrown("\(operation)", work)
                guard case .invalidInput(let got, let named, _) = error else { return XCTFail("\(error)") }
                XCTAssertEqual(got, code, "\(operation)")
                XCTAssertEqual(named, field, "\(operation)")
                words(error)
            }
        }
        try wrong(Recharge(userId: 1, cardId: 2, amount: 0), .amountNotPositive, "amount")
        try wrong(Recharge(userId: 1, cardId: 2, amount: -1), .amountNotPositive, "amount")
        let fee: Decimal = 0.07
        try wrong(Recharge(userId: 1, cardId: 2, amount: 10 + fee), .amountDecimals, "amount")
        try wrong(Recharge(userId: 1, cardId: 2, amount: .nan), .amountFormat, "amount")
        try wrong(Recharge(userId: 1, cardId: 2, amount: .greatestFiniteMagnitude), .amountRange, "amount")
        try wrong(Recharge(userId: -1, cardId: 2, amount: 1), .idRange, "user_id")
        try wrong(Recharge(userId: 1, cardId: CardId(.min), amount: 1), .idRange, "card_id")
        try wrong(Apply(userId: 1, templateId: 2, depositAmount: 0), .amountNotPositive, "deposit_amount")
        try wrong(Assign(userId: 1, templateId: 2, cardNumber: "1234 5678"), .cardNumberDigits, "card_number")
        try wrong(SetPin(userId: 1, cardId: 2, pin: ""), .pinLength, "pin")
        try wrong(UpdateStatus(userId: 1, cardId: 2, alter: .lock, pin: "482915"), .pinNotTaken, "pin")
        try wrong(UpdateStatus(userId: 1, cardId: 2, alter: .activate, pin: "48291"), .pinLength, "pin")
        try wrong(SetWebhookUrl(url: URL(string: "http://a.example")!), .urlFormat, "url")
    }

    func testEveryOtherCodeIsReached() throws {
        func reached<T>(_ code: ErrorCode, _ work: () throws -> T) throws {
            let error = try thrown("\(code)", work)
            XCTAssertEqual(error.code, code)
            words(error)
        }
        let merchant = try merchant()
        let body = { (fields: String) -> Redacted in
            #"{"operation":"card.recharge","body":{"user_id":1,"card_id":2\#(fields)}}"#
        }
        try reached(.fieldRequired) { try Plan(checking: body("")) }
        try reached(.fieldType) { try Plan(checking: body(#","amount":true"#)) }
        try reached(.fieldUnknown) { try Plan(checking: body(#","amount":1,"fee":1"#)) }
        let open: Redacted = #"{"operation":"user.get_users","body":{"region":1}}"#
        try reached(.fieldUnknown) { try Plan(checking: open) }
        try reached(.fieldUnknown) { try Plan(checking: open, openFields: [.register]) }
        XCTAssertNoThrow(try Plan(checking: open, openFields: [.getUsers]))
        try reached(.jsonDuplicateField) { try Plan(checking: body(#","amount":1,"amount":2"#)) }
        try reached(.jsonSyntax) { try Plan(checking: "{") }
        try reached(.planOperation) { try Plan(checking: #"{"operation":"card.steal","body":{}}"#) }
        try reached(.cardNumberLength) { try CardNumberFacts("123456789012345") }
        try reached(.pinDigits) { try PinFacts(activationPin: "12345x") }
        try reached(.cvvDigits) { try CvvLength.check("12x") }
        try reached(.cvvLength) { try CvvLength.check("12") }
        try reached(.expiryFormat) { try Expiry("1225") }
        try reached(.currencyFormat) {
            try AnyResponse.getBalance(CardBalance(balance: 1, currency: "US$")).json()
        }
        let template = CardTemplate(id: 1, requiresInitialDeposit: false)
        let apply = Apply(userId: 1, templateId: 1, depositAmount: 1)
        try reached(.depositNotTaken) { try template.check(apply.any) }
        try reached(.timestampFormat) { try CardState(json: #"{"card_id":1,"status_as_of":0.5}"#) }
        try reached(.webhookRawBody) { try merchant.receive(rawBody: Data("[object Object]".utf8)) }
    }

    func testWrongOptionsAreNamed() throws {
        func wrong(_ code: ErrorCode, _ change: (inout MerchantOptions) -> Void) throws {
            var options = try merchantOptions()
            change(&options)
            XCTAssertEqual(try thrown("\(code)") { try Merchant(options: options) }.code, code)
        }
        try wrong(.merchantIdFormat) { $0.merchantId = "" }
        try wrong(.urlFormat) { $0.baseUrl = URL(fileURLWithPath: "/") }
        try wrong(.urlFormat) { $0.baseUrl = URL(string: "api")! }
        try wrong(.urlFormat) { $0.baseUrl = URL(string: "http://api.example")! }
        try wrong(.urlFormat) { $0.baseUrl = URL(string: "https://user:word@api.example")! }
        try wrong(.keyLength) { $0.secretKey = "short" }
        try wrong(.keyEncoding) { $0.codec = .hex }
        try wrong(.keyId) { $0.keyId = "" }
        try wrong(.pathFormat) { $0.paths[.recharge] = "\0" }
        XCTAssertEqual(try thrown { try merchant().testAnswer(response: "{}", iv: iv.dropLast()) }.code, .ivLength)
        XCTAssertEqual(try thrown { try merchant().call(recharge, iv: Data()) }.code, .ivLength)
        // An URL that is relative to another has the host of that.
        var options = try merchantOptions()
        options.baseUrl = URL(string: "/v1", relativeTo: options.baseUrl)!
        let url = try Merchant(options: options).call(recharge).request.url
        XCTAssertEqual(url.absoluteString, "https://api.example/v1/card/recharge")
    }

    // What comes out of extreme input: nothing, or one of ours. A trap would end all the tests.

    private var tried = 0

    private func survives<T>(_ what: String, file: StaticString = #filePath, line: UInt = #line, _ work: () throws -> T) {
        tried += 1
        do {
            _ = try work()
        } catch let error as BananaTechError {
            XCTAssertFalse(error.summary.isEmpty, what, file: file, line: line)
        } catch {
            XCTFail("\(what): \(error)", file: file, line: line)
        }
    }

    private func survivesEverywhere(_ operation: AnyOperation, _ merchant: Merchant, _ at: Date = Date()) {
        let what = "\(operation)"
        survives(what) { try Plan(operation) }
        survives(what) { try Plan(checking: Plan(operation).json) }
        survives(what) { try merchant.seal(operation: operation, iv: iv) }
        survives(what) { try TrackedOperation(operation, id: UUID(), sentAt: at, askAt: at) }
        survives(what) { try Pages(of: operation) }
        let locked = KnownStatus(status: .locked, asOf: at, observed: true)
        survives(what) { try CardState(cardId: 1, statuses: [locked]).checkOperation(operation: operation) }
        let template = CardTemplate(id: 1, rechargeFee: 3)
        survives(what) { try template.check(operation) }
        for fee in Fee.allCases {
            survives(what) { try template.charge(for: operation, fee: fee, balance: 1) }
        }
    }

    /// A literal with a fraction is a binary float before it is a `Decimal`.
    func testAmountsThatWereFloatsAreRefused() throws {
        for amount in [3.133, 1234567.89] as [Decimal] {
            let error = try thrown { try Plan(Recharge(userId: 1, cardId: 2, amount: amount)) }
            XCTAssertEqual(error.code, .amountFormat, "\(amount)")
            XCTAssertEqual(error.field, "amount")
            XCTAssertTrue(error.summary.contains("Decimal(amount:"), error.summary)
        }
        for text in ["3.133", "100.10", "0.12345678", "1234567890123456.75", "1234567.89"] {
            XCTAssertNoThrow(try Plan(Recharge(userId: 1, cardId: 2, amount: Decimal(amount: text))), text)
        }
        for amount in [100, 50.5, 0.1] as [Decimal] {
            XCTAssertNoThrow(try Plan(Recharge(userId: 1, cardId: 2, amount: amount)), "\(amount)")
        }
    }

    func testExtremeAmounts() throws {
        let merchant = try merchant()
        let amounts: [Decimal] = [
            .nan, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastFiniteMagnitude, .leastNonzeroMagnitude,
            .leastNormalMagnitude, .pi, 0, -0, Decimal(sign: .plus, exponent: 127, significand: 1),
            Decimal(sign: .minus, exponent: -128, significand: 1), Decimal(UInt64.max), Decimal(Int64.min),
        ]
        for amount in amounts {
            survivesEverywhere(Recharge(userId: 1, cardId: 2, amount: amount).any, merchant)
            survivesEverywhere(Apply(userId: 1, templateId: 1, depositAmount: amount).any, merchant)
            let what = amount.description
            let template = CardTemplate(id: 1, rechargeFee: amount, rechargeMinLimit: amount)
            survives(what) { try template.check(recharge.any) }
            for fee in Fee.allCases {
                survives(what) { try template.charge(for: recharge.any, fee: fee, balance: amount) }
            }
            survives(what) { try AnyResponse.getBalance(CardBalance(balance: amount, refundAmount: amount)).json() }
            let now = Date()
            let known = KnownBalance(amount: amount, available: amount, currency: "USD", asOf: now)
            survives(what) { try CardState(cardId: 1, balances: [known]).json() }
            var operation = try XCTUnwrap(TrackedOperation(recharge.any, id: UUID(), sentAt: now))
            survives(what) { try operation.with(template: template, fee: .percent) }
            (operation.amount, operation.least) = (amount, amount)
            survives(what) { try Tracker(assumptions: .shared).store(operation: operation) }
        }
    }

    func testExtremeTimes() throws {
        let merchant = try merchant()
        let event = try merchant.delivered(
            "CARD_CLOSE_RESULT", #"{"card_id":1,"transaction_id":1,"refund_amount":1,"status":"SUCCESS","occur_time":1}"#)
        let seconds: [TimeInterval] = [
            0, -0.0, .infinity, -.infinity, .nan, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude,
            9_223_372_036_854_774, 9_223_372_036_854_776, -9_223_372_036_854_776, 1e16, -1e16,
        ]
        for time in [.distantPast, .distantFuture] + seconds.map(Date.init(timeIntervalSince1970:)) {
            let what = "\(time.timeIntervalSince1970)"
            survivesEverywhere(recharge.any, merchant, time)
            for window in [nil, TimeWindow(pastMs: .max, futureMs: .max), TimeWindow(pastMs: 0, futureMs: 0)] {
                survives(what) { try event.freshness(at: time, within: window) }
            }
            let closed = Event.cardCloseResult(CardCloseResult(cardId: 1, status: .failed, occurTime: time))
            survives(what) { try Event(json: closed.json()) }
            survives(what) { try closed.freshness(at: Date()) }
            survives(what) { try closed.facts() }
            let card = CardState(cardId: 1, statuses: [KnownStatus(status: .active, asOf: time, observed: true)])
            survives(what) { try CardState(json: card.json()) }
            survives(what) { try card.fold(event: closed) }
            survives(what) { try card.observe(information: CardInformation(status: .closed), askedAt: time) }
            survives(what) {
                let tracker = try Tracker(assumptions: .exclusiveSince(time))
                let operation = try XCTUnwrap(TrackedOperation(recharge.any, id: UUID(), sentAt: time, askAt: time))
                try tracker.store(operation: operation)
                _ = try tracker.overdue(now: time)
                _ = try tracker.overdue(now: Date())
                try tracker.take(event: closed)
                try tracker.find(id: operation.id, outcome: .failed(reason: nil), at: time)
                try tracker.forgetBefore(time: time)
                _ = try Tracker(json: tracker.toJson())
            }
        }
    }

    func testExtremeNumbers() throws {
        let merchant = try merchant()
        for id: Int64 in [0, -1, .min, .max] {
            let (userId, cardId) = (UserId(id), CardId(id))
            for operation in [
                recharge.any, GetBalance(userId: userId, cardId: cardId).any, GetInformation(userId: userId, cardId: cardId).any,
                SetPin(userId: userId, cardId: cardId, pin: "1234").any, Confirm3ds(userId: userId, cardId: cardId).any,
                GetTransactions(userId: userId, cardId: cardId, skip: .max, limit: .max).any, GetUsers(skip: .max, limit: 0).any,
                Register(email: "a@a.example", templateId: TemplateId(id), kycData: KycData(issue: id, expiry: id)).any,
                GetWebhookRecords(skip: .max, limit: .max, userId: userId).any,
                UpdateStatus(userId: userId, cardId: cardId, alter: .close).any,
            ] { survivesEverywhere(operation, merchant) }
            survives("\(id)") { try CardState(cardId: cardId).json() }
            survives("\(id)") { try AnyResponse.assign(Assigned(cardId: cardId)).json() }
            let assumptions = Assumptions(exclusiveSince: Date(), clockToleranceMs: id, finalAfterMs: id)
            let tracker = try Tracker(assumptions: assumptions)
            var operation = try XCTUnwrap(TrackedOperation(recharge.any, id: UUID(), sentAt: Date()))
            try tracker.store(operation: operation)
            survives("\(id)") { try tracker.overdue(now: .distantFuture) }
            survives("\(id)") { try tracker.nameForeign(thing: "tx:\(id)") }
            survives("\(id)") { try tracker.find(id: operation.id, outcome: .succeeded(cardId: cardId), at: Date(), transactionId: TransactionId(id)) }
            (operation.id, operation.cardId, operation.userId) = (UUID(), cardId, userId)
            survives("\(id)") { try tracker.store(operation: operation) }
        }
        for (month, year) in [(0, 0), (13, 2025), (12, 1999), (12, 2100), (-1, -1), (.max, .max), (.min, .min), (1, 99999)] {
            let date = Expiry(month: month, year: year)
            XCTAssertTrue([.expiryFormat, .expiryMonth].contains(try thrown("\(date)") {
                try date.isExpired(in: YearMonth(year: 2026, month: 1))
            }.code))
            let information = CardInformation(expiryDate: date, status: .active)
            survives("\(date)") { try AnyResponse.getInformation(information).json() }
        }
        for month in [0, 13, -1, .max] {
            let date = Expiry(month: 12, year: 2025)
            XCTAssertEqual(try thrown { try date.isExpired(in: YearMonth(year: .max, month: month)) }.code, .expiryMonth)
        }
        for capacity: Int32 in [0, 1, -1, .max] {
            let deliveries = RecentDeliveries(capacity: capacity)
            survives("\(capacity)") { try deliveries.remember(fingerprint: String(repeating: "0", count: 64)) }
        }
        var pages = try Pages(of: GetUsers(skip: .max, limit: .max).any)
        survives("pages") { pages = try pages.accept(response: .getUsers(JsonPage(data: ["1"], total: .max))) }
        survives("pages") { try pages.next() }
    }

    func testExtremeTexts() throws {
        let merchant = try merchant()
        let deep = String(repeating: "[", count: 20_000)
        let texts = [
            "", "\0", "a\0b", " ", "\u{FEFF}", "\u{FEFF}{}", "🍌", "e\u{301}", "\"", "\\", "{", "{}", "[]", "null", "NaN",
            "1e999", deep, "\u{202E}txet", "\r\n", String(repeating: "9", count: 20_000), #"{"":""}"#, "{\"\0\":1}",
            #"{"type":"CARD_3DS"}"#,
        ]
        for text in texts {
            let (hidden, what) = (Redacted(text), "a text of \(text.utf8.count)")
            for check in [{ try CvvLength.check($0) }, { _ = try PinFacts(newPin: $0) }, { _ = try PinFacts(activationPin: $0) },
                { _ = try CardNumberFacts($0) }, { _ = try Plan(checking: $0) }, { _ = try Event(json: $0) }]
                as [(Redacted) throws -> Void]
            {
                survives(what) { try check(hidden) }
            }
            survives(what) { try Expiry(text) }
            survives(what) { try CardState(json: text) }
            for kind in OperationKind.allCases {
                survives(what) { try AnyResponse(to: kind, json: hidden) }
                survives(what) { try merchant.read(operation: kind, status: 200, body: text.data) }
                survives(what) { try merchant.read(operation: kind, status: 500, body: text.data) }
                survives(what) { try merchant.read(operation: kind, status: 200, body: merchant.testAnswer(response: hidden)) }
            }
            survives(what) { try merchant.receive(rawBody: text.data) }
            survives(what) { try merchant.diagnose(rawBody: text.data) }
            for type in [text, "CARD_3DS", "CARD_RECHARGE_RESULT"] {
                survives(what) { try merchant.receive(rawBody: merchant.testWebhook(eventType: type, data: hidden)) }
                survives(what) { try merchant.receive(rawBody: merchant.testWebhook(eventType: type, data: "{}")) }
            }
            survives(what) { try Tracker(json: text) }
            survives(what) { try Tracker(assumptions: .shared).nameForeign(thing: text) }
            survives(what) { try Inquiry(operationId: UUID(), state: hidden).nextRequest() }
            survives(what) { try Pages(state: hidden).next() }
            survives(what) { try RecentDeliveries().remember(fingerprint: text) }
            for operation in [
                Register(email: hidden, templateId: 1, kycData: KycData(city: hidden, extra: [text: "1"])).any,
                Register(email: "a", templateId: 1, extra: ["a": hidden, text: "1", "email": "2"]).any,
                GetTransactions(search: hidden, status: .other(text), startDate: text, orderBy: text).any,
                GetUsers(search: hidden, extra: [text: hidden]).any,
                SetWebhookUrl(url: URL(string: text) ?? URL(fileURLWithPath: "/")).any,
                GetWebhookRecords(callbackType: .other(text)).any, Confirm3ds(extra: [text: hidden]).any,
                Assign(userId: 1, templateId: 1, cardNumber: hidden).any,
            ] { survivesEverywhere(operation, merchant) }
            survives(what) {
                try Event(json: Event.unknown(UnknownEvent(eventType: text, data: hidden)).json())
            }
            let balance = CardBalance(balance: 1, currency: text, extra: [text: hidden])
            survives(what) { try AnyResponse.getBalance(balance).json() }
            survives(what) { try TrackedOperation(recharge.any, id: UUID(), sentAt: Date(), reference: text) }
            for codec in KeyCodec.allCases { survives(what) { try BananaTechTests.merchant(hidden, codec: codec) } }
            var options = try merchantOptions()
            (options.merchantId, options.keyId, options.paths) = (text, text, [.recharge: text])
            survives(what) { try Merchant(options: options) }
        }
        let rejection = Rejection(status: 0, meaning: .refused, words: nil, body: "\0", authenticated: true)
        survives("rejection") { try Tracker(assumptions: .shared).reject(id: UUID(), rejection: rejection) }
    }

    func testExtremeBodies() throws {
        let merchant = try merchant()
        let answer = try merchant.testAnswer(response: #"{"message":"ok"}"#)
        var garbage: [Data] = [Data(), Data(repeating: 0, count: 1), Data([0xFF, 0xFE]), Data((0...255).map { UInt8($0) })]
        // Cut anywhere, and a byte changed anywhere.
        for at in 0..<answer.count {
            garbage.append(answer.prefix(at))
            var changed = answer
            changed[at] ^= 0x80
            garbage.append(changed)
        }
        garbage.append(Data(repeating: UInt8(ascii: "{"), count: 4 << 20))
        garbage.append(Data(repeating: 0xFF, count: 4 << 20))
        for body in garbage {
            survives("\(body.count) bytes") { try merchant.read(operation: .recharge, status: 200, body: body) }
            survives("\(body.count) bytes") { try merchant.receive(rawBody: body) }
            survives("\(body.count) bytes") { try merchant.diagnose(rawBody: body) }
        }
        // A slice, whose first index isn't 0, is read like any other data.
        let slice = (Data([1, 2, 3]) + answer + Data([4])).dropFirst(3).dropLast()
        XCTAssertEqual(try merchant.call(recharge).read(status: 200, body: slice).message, "ok")
        let long = String(repeating: "x", count: 1 << 19)
        let event = try merchant.delivered("CARD_3DS", "{\"a\":\"\(long)\"}")
        guard case .card3ds(let json) = event else { return XCTFail() }
        XCTAssertEqual(json.expose().utf8.count, long.utf8.count + 8)
    }

    override func tearDown() {
        if tried > 0 { print("\(name): \(tried) calls") }
    }
}

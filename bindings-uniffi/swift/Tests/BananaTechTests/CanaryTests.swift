import BananaTech
import Foundation
import XCTest

/// Secrets that went in must be found in nothing that is written for people.
final class CanaryTests: XCTestCase {
    private static let pan = "4929771234567894"
    private static let activation = "917364"
    private static let newPin = "58203"
    private static let cvv = "7391"
    private static let key = "canary-key-ZQXJ-0123456789abcdef"
    private static let otp = "OTP-66021894"
    private static let email = "canary.person@example.org"
    private static let payload = "canary-payload-that-is-no-envelope"
    private static let random = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|handle: [0-9]+"
    private let canaries = [pan, activation, newPin, cvv, key, otp, email, payload]

    private var written = 0

    private func check(_ what: String, _ value: Any, file: StaticString = #filePath, line: UInt = #line) {
        var texts = [String(describing: value), String(reflecting: value), "\(value)", "\([value])", "\(["a": value])"]
        var dumped = ""
        dump(value, to: &dumped)
        texts.append(dumped)
        if let error = value as? any Error {
            texts.append(error.localizedDescription)
            texts.append("\(error as NSError) \((error as NSError).userInfo) \((error as NSError).debugDescription)")
            let localized = error as? any LocalizedError
            texts += [localized?.errorDescription, localized?.failureReason, localized?.recoverySuggestion].compactMap { $0 }
        }
        for text in texts {
            // An operation's random id may have the digits of a short one, and so may an object's address.
            let text = text.replacingOccurrences(of: Self.random, with: "", options: .regularExpression)
            XCTAssertFalse(text.contains("unknown context at"), text)
            for canary in canaries where text.contains(canary) {
                XCTFail("\(what) shows \(canary): \(text.prefix(300))", file: file, line: line)
            }
        }
        written += texts.count
    }

    /// What came of it, well or not.
    private func check<T>(_ what: String, _ work: () throws -> T, file: StaticString = #filePath, line: UInt = #line) {
        do {
            check(what, try work() as Any, file: file, line: line)
        } catch {
            check(what, error, file: file, line: line)
        }
    }

    private func hidesAll(_ text: Redacted) -> Bool {
        canaries.contains { text.expose().contains($0) }
    }

    override func tearDown() {
        print("\(name): \(written) texts")
        XCTAssertGreaterThan(written, 300)
    }

    func testNothingWrittenForPeopleHoldsASecret() throws {
        var options = try merchantOptions(Redacted(Self.key))
        options.otherKeys = [MerchantKey(keyId: "old", secretKey: Redacted(String(Self.key.reversed())))]
        let merchant = try Merchant(options: options)
        check("options", options)
        check("merchant", merchant)
        check("redacted", Redacted(Self.pan))
        check("card number") { try CardNumberFacts(Redacted(Self.pan)) }
        check("pins") { try [PinFacts(activationPin: Redacted(Self.activation)), PinFacts(newPin: Redacted(Self.newPin))] }

        check("number field") { NumberField(Redacted(Self.pan)) }
        check("cvv field") { PlainField(cvv: Redacted(Self.cvv), length: .four) }
        check("name field") { PlainField(cardholderName: Self.email) }
        check("postal code field") { PlainField(postalCode: Self.pan) }
        let context = PinContext(
            birthDate: try BirthDate("1987-03-14"), phone: Redacted(Self.activation), cardNumber: Redacted(Self.pan))
        let rules = PinRules(length: .fourToSix, refuseWeak: true, context: context)
        check("rules", rules)
        XCTAssertFalse("\(rules)".contains("1987"))
        check("pin field") { PinField(Redacted(Self.newPin), rules: rules) }
        check("review") { try context.weaknesses(of: Redacted(Self.newPin)) }
        check("strong") { try context.requireStrong(Redacted(Self.activation)) }
        let caret = FieldSelection(caret: 0)
        for edit: FieldEdit in [
            .insert(text: Redacted(Self.pan)), .replace(range: caret, text: Redacted(Self.pan)),
            .changed(text: Redacted(Self.pan), selection: caret),
        ] {
            check("edit", edit)
            check("edited") { FieldFormat.number.edited(Redacted(Self.activation), selection: caret, by: edit) }
        }

        let personal = Redacted(Self.email)
        let kyc = KycData(
            firstName: personal, lastName: personal, dateOfBirth: personal, identificationNumber: personal,
            frontImgBase64: personal, backImgBase64: personal, handheldImgBase64: personal, countryCode: personal,
            region: personal, city: personal, postcode: personal, addressLine: personal, extra: ["more": "\"\(Self.email)\""])
        let operations = [
            Assign(userId: 1, templateId: 1, cardNumber: Redacted(Self.pan)).any,
            UpdateStatus(userId: 1, cardId: 2, alter: .activate, pin: Redacted(Self.activation)).any,
            SetPin(userId: 1, cardId: 2, pin: Redacted(Self.newPin)).any,
            Register(email: personal, templateId: 1, dialCode: personal, phoneNumber: personal, kycData: kyc).any,
            Confirm3ds(extra: ["otp": Redacted("\"\(Self.otp)\"")]).any,
        ]
        let tracker = try Tracker(assumptions: .shared)
        for operation in operations {
            check("operation", operation)
            let plan = try Plan(operation)
            // A plan does carry what it plans: this is what shows that the canaries went in.
            XCTAssertTrue(hidesAll(plan.json))
            check("plan", plan)
            check("plan") { try Plan(checking: plan.json) }
            let call = try merchant.call(operation)
            check("call", call)
            check("request", call.request)
            check("template") { try CardTemplate(id: 1).check(operation) }
            check("charge") { try CardTemplate(id: 1).charge(for: operation, fee: .flat) }
            check("pages") { try Pages(of: operation) }
            check("state") { try CardState(cardId: 2, statuses: [KnownStatus(status: .closed, asOf: Date(), observed: true)]).checkOperation(operation: operation) }
            if let one = call.tracked(sentAt: Date(timeIntervalSince1970: 0)) {
                check("tracked", one)
                check("stored") { try tracker.store(operation: one) }
            }
        }
        check("tracker", tracker)
        check("stored") { try tracker.toJson() }
        check("operations") { try tracker.operations() }
        let inquiries = try tracker.overdue(now: Date())
        check("inquiries", inquiries)
        XCTAssertTrue(try inquiries.contains { try hidesAll($0.withEmail(address: personal).state) })
        check("inquiries") { try inquiries.map { try $0.withEmail(address: personal) } }

        for (type, data) in [
            ("CARD_ACTIVATE_RESULT", #"{"card_id":1,"card_number":"\#(Self.pan)","status":"SUCCESS","occur_time":1}"#),
            ("CARD_3DS", #"{"otp":"\#(Self.otp)","pan":"\#(Self.pan)"}"#),
            ("CARD_VERIFICATION", #"{"otp":"\#(Self.otp)"}"#), ("TRANSACTION_CREATED", #"{"by":"\#(Self.email)"}"#),
            ("CARD_CORRECTION", #"{"by":"\#(Self.email)"}"#), ("NEW_TYPE", #""\#(Self.otp)""#),
            ("USER_CREATE_RESULT", #"{"user_id":1,"status":"APPROVED","pin":"\#(Self.newPin)"}"#),
            // The API's words may repeat what was sent.
            ("USER_CREATE_RESULT", #"{"user_id":1,"status":"REJECTED","message":"\#(Self.email) is taken"}"#),
            ("CARD_ASSIGN_RESULT", #"{"user_id":1,"status":"FAILED","error_reason":"no card \#(Self.pan)","occur_time":1}"#),
            ("CARD_RECHARGE_RESULT", #"{"card_id":1,"status":"FAILED","description":"of \#(Self.pan)","occur_time":1}"#),
            // Unrecognized: a field that is missing, a wrong value, a field twice, no object.
            ("CARD_CLOSE_RESULT", #"{"card_number":"\#(Self.pan)","status":"SUCCESS","occur_time":1}"#),
            ("CARD_CLOSE_RESULT", #"{"card_id":"card \#(Self.pan)","status":"SUCCESS","occur_time":1}"#),
            ("CARD_CLOSE_RESULT", #"{"card_id":1,"card_id":"\#(Self.pan)"}"#), ("CARD_CLOSE_RESULT", #""\#(Self.pan)""#),
        ] {
            let body = try merchant.testWebhook(eventType: type, data: Redacted(data))
            check(type) { try merchant.receive(rawBody: body) }
            check(type) { try Event(json: Redacted(#"{"type":"\#(type)","data":\#(data)}"#)) }
            let event = try merchant.receive(rawBody: body).event
            check(type, event)
            XCTAssertTrue(try hidesAll(event.json()), type)
            check(type) { try event.json() }
            check(type) { try event.facts() }
            check(type) { try CardState(cardId: 1).fold(event: event) }
            check(type) { try tracker.receive(delivery: merchant.receive(rawBody: body)) }
            check(type) { try tracker.take(event: event) }
            check(type) { try tracker.toJson() }
        }

        for body in [
            Self.payload, "\"[object Object]\"", #"{"encrypted_payload":"\#(Self.payload)","hmac":"\#(Self.key)"}"#,
        ] {
            check("webhook") { try merchant.receive(rawBody: body.data) }
            check("diagnosis") { try merchant.diagnose(rawBody: body.data) as Any }
        }
        for (status, body) in [
            (400, #"{"message":"card \#(Self.pan) is unknown"}"#), (500, Self.pan), (200, #"["\#(Self.pan)"]"#),
            (200, #"{"message":"of card \#(Self.pan)"}"#), (200, #"{"balance":"\#(Self.pan)x"}"#), (200, #"{"card_id":"\#(Self.pan)x"}"#),
        ] {
            for kind in OperationKind.allCases where kind != .setWebhookUrl {
                check("answer") { try merchant.read(operation: kind, status: Int32(status), body: body.data) }
            }
            let call = try merchant.call(recharge)
            do {
                _ = try call.read(status: status, body: body.data)
            } catch BananaTechError.rejected(let rejection, _), BananaTechError.notKnown(let rejection, _) {
                XCTAssertTrue(hidesAll(rejection.body))
                check("rejection", rejection)
                check("rejection") {
                    let operation = call.tracked(sentAt: Date())
                    try tracker.store(operation: operation)
                    return try tracker.reject(id: operation.id, rejection: rejection)
                }
            } catch {}
        }
        let information =
            #"{"number":"\#(Self.pan)","cvv":"\#(Self.cvv)","expiry_date":"12/29","status":"ACTIVE","pin":"\#(Self.newPin)"}"#
        let answer = try merchant.call(GetInformation(userId: 1, cardId: 2)).answer(status: 200, body: information.data)
        XCTAssertEqual(answer.response.number?.expose(), Self.pan)
        check("information", answer)
        check("information") { try AnyResponse.getInformation(answer.response).json() }
        check("users") { try merchant.call(GetUsers()).read(status: 200, body: #"[{"email":"\#(Self.email)"}]"#.data) }
        check("state") { try CardState(cardId: 2).observe(information: answer.response, askedAt: Date()) }
    }

    /// Wrong input, of every kind, that holds a canary: no error may repeat it.
    func testNoErrorRepeatsWhatWasGiven() throws {
        for canary in canaries {
            for wrong in ["\(canary) ", canary + canary + canary, "\"\(canary)", "-\(canary).\(canary)", canary] {
                let hidden = Redacted(wrong)
                func error<T>(_ what: String, _ work: () throws -> T) {
                    do { _ = try work() } catch { check(what, error) }
                }
                error("card number") { try CardNumberFacts(hidden) }
                error("pin") { try PinFacts(activationPin: hidden) }
                error("pin") { try PinFacts(newPin: hidden) }
                error("cvv") { try CvvLength.check(hidden) }
                error("expiry") { try Expiry(wrong) }
                error("birth date") { try BirthDate(hidden) }
                error("review") { try PinContext().weaknesses(of: hidden) }
                error("strong") { try PinContext(phone: hidden).requireStrong(hidden) }
                for codec in KeyCodec.allCases { error("key") { try merchant(hidden, codec: codec) } }
                for change in [
                    { $0.merchantId = wrong }, { $0.otherKeys = [MerchantKey(keyId: wrong, secretKey: hidden)] },
                    { ($0.keyId, $0.otherKeys) = (wrong, [MerchantKey(keyId: wrong, secretKey: keyText)]) },
                    { $0.paths = [.assign: wrong] }, { if let url = URL(string: wrong) { $0.baseUrl = url } },
                ] as [(inout MerchantOptions) -> Void] {
                    var options = try merchantOptions()
                    change(&options)
                    error("options") { try Merchant(options: options) }
                }
                let text = String(decoding: try JSONEncoder().encode(wrong), as: UTF8.self)
                for name in operationNames.values {
                    let ids = #""user_id":1,"card_id":2,"template_id":3"#
                    for body in [
                        "{\(text):1}", text, wrong,
                        #"{\#(ids),"amount":\#(text),"alter":\#(text),"pin":\#(text),"card_number":\#(text)}"#,
                        #"{"user_id":\#(text),"card_id":\#(text),"pin":\#(text),"email":[\#(text)],"url":\#(text)}"#,
                    ] {
                        error("plan") { try Plan(checking: Redacted(#"{"operation":"\#(name)","body":\#(body)}"#)) }
                    }
                }
                error("plan") { try Plan(checking: Redacted(#"{"operation":\#(text),"body":{}}"#)) }
                for operation in [
                    Assign(userId: 1, templateId: 1, cardNumber: hidden).any, SetPin(userId: 1, cardId: 1, pin: hidden).any,
                    UpdateStatus(userId: 1, cardId: 1, alter: .activate, pin: hidden).any,
                    SetWebhookUrl(url: URL(string: wrong) ?? URL(fileURLWithPath: "/")).any,
                    Confirm3ds(extra: ["x": hidden]).any, Confirm3ds(extra: [wrong: "{"]).any,
                ] {
                    error("operation") { try Plan(operation) }
                    error("operation") { try merchant().seal(operation: operation) }
                }
                error("event") { try Event(json: hidden) }
                error("event") { try Event(json: Redacted(#"{"type":"CARD_ASSIGN_RESULT","data":{"status":\#(text)}}"#)) }
                for kind in OperationKind.allCases { error("response") { try AnyResponse(to: kind, json: hidden) } }
                error("state") { try CardState(json: wrong) }
                error("operation") { try TrackedOperation(json: wrong) }
                error("outcome") { try Outcome(json: hidden) }
                error("outcome") { try Outcome(json: Redacted(#"{"kind":\#(text)}"#)) }
                error("tracker") { try Tracker(json: wrong) }
                error("thing") { try Tracker(assumptions: .shared).nameForeign(thing: wrong) }
                error("inquiry") { try Inquiry(operationId: UUID(), state: hidden).nextRequest() }
                error("pages") { try Pages(state: hidden).next() }
                error("fingerprint") { try RecentDeliveries().remember(fingerprint: wrong) }
                error("currency") { try AnyResponse.getBalance(CardBalance(balance: 1, currency: wrong + "-")).json() }
            }
        }
    }
}

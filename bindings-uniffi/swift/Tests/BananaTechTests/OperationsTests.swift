import BananaTech
import Foundation
import XCTest

/// The operations' names, as plans and vectors have them.
let operationNames: [OperationKind: String] = [
    .getAccountBalance: "merchant.get_account_balance", .getCardTemplates: "merchant.get_card_templates",
    .setWebhookUrl: "merchant.set_webhook_url", .getWebhookRecords: "merchant.get_webhook_records",
    .register: "user.register", .getUsers: "user.get_users", .apply: "card.apply", .recharge: "card.recharge",
    .updateStatus: "card.update_status", .getBalance: "card.get_balance", .getInformation: "card.get_information",
    .getTransactions: "card.get_transactions", .assign: "card.assign", .setPin: "card.set_pin", .confirm3ds: "card.3ds_confirm",
]

/// Each operation all the way: planned, sealed, answered.
final class OperationsTests: XCTestCase {
    private var checked: Set<OperationKind> = []

    func testQuestionsChangeNothing() {
        let questions = OperationKind.allCases.filter(\.isQuestion)
        XCTAssertEqual(
            Set(questions),
            [.getAccountBalance, .getCardTemplates, .getWebhookRecords, .getUsers, .getBalance, .getInformation, .getTransactions])
    }

    /// `body` is the plan's: amounts stand there as text, and as numbers in what is sent.
    private func check<Operation: TypedOperation>(_ operation: Operation, _ body: String, answer: String) throws {
        let kind = operation.any.kind
        let name = try XCTUnwrap(operationNames[kind])
        let merchant = try merchant()

        let planned = try Plan(operation)
        XCTAssertEqual(planned.operation, operation.any, name)
        let json = try Value(planned.json.expose())
        XCTAssertEqual(json, .object(["operation": .text(name), "body": try Value(body)]), name)
        XCTAssertEqual(try Plan(checking: planned.json, openFields: OperationKind.allCases), planned, name)

        let call = try merchant.call(operation, iv: iv)
        XCTAssertEqual(call.request, try merchant.call(planned.operation, iv: iv).request, name)
        XCTAssertEqual(call.request, try merchant.seal(operation: operation.any, iv: iv), name)
        XCTAssertEqual(call.operation, operation.any, name)
        XCTAssertEqual(call.request.method, "POST")
        XCTAssertEqual(call.request.url.absoluteString, "https://api.example/" + name.replacingOccurrences(of: ".", with: "/"))
        let headers = Dictionary(uniqueKeysWithValues: call.request.headers.map { ($0.name, $0.value.expose()) })
        XCTAssertEqual(headers["Merchant-ID"], merchantId)
        XCTAssertEqual(headers["Content-Type"], "application/json")
        XCTAssertEqual(headers["X-HMAC"]?.count, 64)
        XCTAssertEqual(headers.count, 3)
        let sent = try Value(merchant.opened(call.request))
        XCTAssertEqual(sent, try asNumbers(Value(body)), name)
        XCTAssertNotEqual(try merchant.call(operation).request.body, try merchant.call(operation).request.body, name)

        let expected = try Value(answer)
        for (body, key) in try [(merchant.testAnswer(response: Redacted(answer)), "2026-11"), (answer.data, nil)] {
            let typed = try call.answer(status: 200, body: body)
            XCTAssertEqual(typed.sealedWith, key, name)
            XCTAssertEqual(typed.raw, Redacted(answer), name)
            XCTAssertEqual(differences(typed.response, asText(expected)), [], name)
            XCTAssertEqual(differences(try call.read(status: 200, body: body), asText(expected)), [], name)
            let any = try merchant.read(operation: kind, status: 200, body: body)
            XCTAssertEqual(differences(inner(any.response), asText(expected)), [], name)
            XCTAssertEqual(try AnyResponse(to: kind, json: any.response.json()), any.response, name)
        }
        // Key and algorithm are the same in both directions: an answer that is the request itself is none.
        let mac = try XCTUnwrap(headers["X-HMAC"])
        let reflected = (call.request.body.dropLast() + #","hmac":"\#(mac)"}"#).data
        let anew = try merchant.testAnswer(response: Redacted(merchant.opened(call.request)))
        for body in [reflected, anew] {
            XCTAssertEqual(try thrown(name) { try call.read(status: 200, body: body) }.code, .notAuthentic, name)
        }
        let rejection = try rejected(name) { try call.read(status: 400, body: #"{"message":"no"}"#.data) }
        XCTAssertEqual(rejection.meaning, .refused)
        XCTAssertEqual(rejection.words?.expose(), "no")
        checked.insert(kind)
    }

    private let amounts: Set = [
        "amount", "deposit_amount", "balance", "refund_amount", "recharge_fee", "recharge_min_limit", "apply_fee",
    ]

    private func asNumbers(_ body: Value) throws -> Value {
        var body = body
        for name in amounts {
            if let text = body[name]?.text { body = try body.with([name: .number(XCTUnwrap(Decimal(string: text)))]) }
        }
        return body
    }

    private func asText(_ answer: Value) -> Value {
        switch answer {
        case .list(let list): return .list(list.map(asText))
        case .object(let fields):
            return .object(
                fields.reduce(into: [:]) { all, field in
                    if case .number(let number) = field.value, amounts.contains(field.key) {
                        all[field.key] = .text(number.description)
                    } else {
                        all[field.key] = asText(field.value)
                    }
                })
        default: return answer
        }
    }

    func testAllOperations() throws {
        let taken = #"{"message":"Operation requested","trace":[1,{"a":null}]}"#
        try check(GetAccountBalance(), "{}", answer: #"{"balance":10000.5,"currency":"USD","held":1.25}"#)
        try check(
            GetCardTemplates(extra: ["all": "true"]), #"{"all":true}"#,
            answer: """
                {"data":[{"id":1,"description":"Physical","type":"Physical","payment_system":"Visa","recharge_fee":1.5,
                "recharge_min_limit":10,"needs_activation":true,"colour":"blue"},{"id":2,"type":"Virtual",
                "payment_system":"Mastercard","requires_kyc":false},{"id":3,"type":"Metal","payment_system":"Mir"}],"of":3}
                """)
        try check(SetWebhookUrl(url: URL(string: "https://a.example/w")!), #"{"url":"https://a.example/w"}"#, answer: taken)
        try check(
            GetWebhookRecords(
                skip: 1, limit: 2, startDate: "2026-01-01", callbackType: .cardRechargeResult, cardId: 3, desc: true),
            #"{"skip":1,"limit":2,"start_date":"2026-01-01","callback_type":"CARD_RECHARGE_RESULT","card_id":3,"desc":true}"#,
            answer: #"{"data":[{"id":1},"text",null,2.5],"total":4,"more":false}"#)
        let kyc = KycData(
            firstName: "Ada", lastName: "Lovelace", gender: .female, identificationType: .passport, issue: 1,
            extra: ["title": "\"Countess\""])
        try check(
            Register(email: "ada@a.example", templateId: 1, dialCode: "44", phoneNumber: "123", kycData: kyc),
            """
            {"email":"ada@a.example","template_id":1,"dial_code":"44","phone_number":"123","kyc_data":{"first_name":"Ada",
            "last_name":"Lovelace","gender":"FEMALE","identification_type":"PASSPORT","issue":1,"title":"Countess"}}
            """,
            answer: #"{"user_id":12345,"message":"ok"}"#)
        try check(
            GetUsers(search: "Ada", orderBy: "id"), #"{"search":"Ada","order_by":"id"}"#,
            answer: #"{"data":[{"user_id":1,"email":"ada@a.example"}],"total":1}"#)
        try check(
            Apply(userId: 1, templateId: 2, depositAmount: 50.5), #"{"user_id":1,"template_id":2,"deposit_amount":"50.5"}"#,
            answer: #"{"card_id":7,"message":"taken"}"#)
        try check(recharge, #"{"user_id":12345,"card_id":67890,"amount":"100"}"#, answer: taken)
        try check(
            UpdateStatus(userId: 1, cardId: 2, alter: .activate, pin: "482915"),
            #"{"user_id":1,"card_id":2,"alter":"ACTIVATE","pin":"482915"}"#, answer: taken)
        try check(
            GetBalance(userId: 1, cardId: 2), #"{"user_id":1,"card_id":2}"#,
            answer: #"{"balance":9007199254740993.07,"refund_amount":0.1,"currency":"USD"}"#)
        try check(
            GetInformation(userId: 1, cardId: 2), #"{"user_id":1,"card_id":2}"#,
            answer: #"{"number":"4111111111111111","cvv":"123","expiry_date":"12/25","status":"TBA","template_id":1}"#)
        try check(
            GetTransactions(userId: 1, status: .other("ODD"), transactionType: .recharge, endDate: "2026-01-01"),
            #"{"user_id":1,"status":"ODD","type":"RECHARGE","end_date":"2026-01-01"}"#,
            answer: #"{"data":[{"id":1,"amount":-12.3,"type":"FEE","status":"PENDING"}],"total":9223372036854775807,"n":1}"#)
        try check(
            Assign(userId: 1, templateId: 2, cardNumber: "1234567890123456"),
            #"{"user_id":1,"template_id":2,"card_number":"1234567890123456"}"#, answer: #"{"card_id":9223372036854775807}"#)
        try check(
            SetPin(userId: 1, cardId: 2, pin: "6081"), #"{"user_id":1,"card_id":2,"pin":"6081"}"#,
            answer: #"{"success":true,"trace":[1]}"#)
        try check(
            Confirm3ds(userId: 1, extra: ["approve": "true"]), #"{"user_id":1,"approve":true}"#, answer: #"{"success":true}"#)
        XCTAssertEqual(checked, Set(OperationKind.allCases))
    }

    func testOtherOperationsAnswersAndStatusesAreRefused() throws {
        let merchant = try merchant()
        let call = try merchant.call(Assign(userId: 1, templateId: 2, cardNumber: "1234567890123456"))
        XCTAssertEqual(try thrown { try call.read(status: 200, body: "{\"balance\":1}".data) }.code, .answerShape)
        for status in [-1, 0, 99, 302, 500, 65536, .max, .min] {
            let error = try thrown("\(status)") { try call.read(status: status, body: Data()) }
            guard case .notKnown(let answer, _) = error else { return XCTFail("\(status): \(error)") }
            XCTAssertEqual(answer.meaning, .notKnown, "\(status)")
        }
        XCTAssertNil(Assign.typed(.recharge(Acknowledgement())))
    }

    func testOptionsOfAMerchant() throws {
        var options = try merchantOptions()
        options.paths = [.recharge: "/v2/top-up"]
        options.sealedAnswersOnly = true
        let call = try Merchant(options: options).call(recharge)
        XCTAssertEqual(call.request.url.absoluteString, "https://api.example/v2/top-up")
        XCTAssertEqual(try thrown { try call.read(status: 200, body: "{}".data) }.code, .answerNotSealed)
        XCTAssertNil(try call.read(status: 200, body: merchant().testAnswer(response: "{}")).message)
        options.paths = [.recharge: "top-up"]
        XCTAssertEqual(try thrown { try Merchant(options: options) }.code, .pathFormat)
    }

    func testTypedFixturesAreWhatIsRead() throws {
        let merchant = try merchant()
        let failed = Event.cardRechargeResult(
            CardRechargeResult(cardId: 67890, status: .failed, occurTime: Date(timeIntervalSince1970: 0.001)))
        XCTAssertEqual(try merchant.receive(rawBody: merchant.testEvent(event: failed)).event, failed)
        let balance = AccountBalance(balance: 7.5, currency: "USD")
        let body = try merchant.testResponse(response: .getAccountBalance(balance))
        XCTAssertEqual(try merchant.call(GetAccountBalance()).read(status: 200, body: body), balance)
    }

    func testKeysAreRotated() throws {
        let keys: [Redacted] = [
            "first-key-of-sixteen-or-32-bytes", "second-key-of-sixteen-or-32-byte", "third-key-of-sixteen-or-32-bytes",
        ]
        let webhook = try keys.map { try merchant($0).testWebhook(eventType: "CARD_3DS", data: "{}") }
        var options = try merchantOptions(keys[2])
        options.keyId = "third"
        options.otherKeys = [MerchantKey(keyId: "second", secretKey: keys[1]), MerchantKey(keyId: "first", secretKey: keys[0])]
        let rotated = try Merchant(options: options)
        XCTAssertEqual(try webhook.map { try rotated.receive(rawBody: $0).keyId }, ["first", "second", "third"])
        let sent = try merchant(keys[2]).opened(rotated.call(recharge).request)
        XCTAssertEqual(sent, #"{"user_id":12345,"card_id":67890,"amount":100}"#)
        options.otherKeys = []
        XCTAssertEqual(try thrown { try Merchant(options: options).receive(rawBody: webhook[0]) }.code, .notAuthentic)
        options.otherKeys = [MerchantKey(keyId: "third", secretKey: keys[0])]
        XCTAssertEqual(try thrown { try Merchant(options: options) }.code, .keyId)
    }

    func testTemplatesAndCharges() throws {
        let template = CardTemplate(
            id: 1, applyFee: 5, rechargeFee: 1.5, rechargeMinLimit: 10, rechargeMaxLimit: 500, requiresInitialDeposit: true)
        let top = { (amount: Decimal) in Recharge(userId: 1, cardId: 2, amount: amount).any }
        XCTAssertNoThrow(try template.check(top(10)))
        XCTAssertEqual(try thrown { try template.check(top(9.99)) }.code, .amountBelowMinimum)
        XCTAssertEqual(try thrown { try template.check(top(500.01)) }.code, .amountAboveMaximum)
        let apply = { (id: TemplateId, deposit: Decimal?) in Apply(userId: 1, templateId: id, depositAmount: deposit).any }
        XCTAssertEqual(try thrown { try template.check(apply(2, 5)) }.code, .templateMismatch)
        XCTAssertEqual(try thrown { try template.check(apply(1, nil)) }.code, .depositRequired)
        XCTAssertEqual(
            try thrown { try template.check(GetUsers().any) }.code, .planOperation)
        let kyc = CardTemplate(id: 1, requiresKyc: true)
        XCTAssertEqual(
            try thrown { try kyc.check(Register(email: "a@a.example", templateId: 1).any) }.code,
            .fieldRequired)

        XCTAssertEqual(
            try template.charge(for: top(100), fee: .flat), Charge(amount: 100, fee: 1.5, total: 101.5))
        XCTAssertEqual(
            try template.charge(for: top(100.10), fee: .percent, balance: 101.7),
            Charge(amount: 100.10, fee: 1.5015, total: 101.6015))
        XCTAssertEqual(
            try template.charge(for: apply(1, 20), fee: .flat), Charge(amount: 20, fee: 5, total: 25))
        let short = try thrown { try template.charge(for: top(100), fee: .flat, balance: 101.49) }
        XCTAssertEqual(short.code, .merchantBalance)
        XCTAssertEqual(short.field, "balance")
    }
}

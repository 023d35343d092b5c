import BananaTech
import Foundation
import XCTest

/// Values that aren't generated behave as Swift's own do.
final class ValuesTests: XCTestCase {
    func testATextThatIsPutTogetherOfHiddenOnesIsWholeAndHidden() throws {
        let (first, card): (Redacted, CardId) = ("Ada", 7)
        let text: Redacted = "\(first) Lovelace, \(card), \("x")"
        XCTAssertEqual(text.expose(), "Ada Lovelace, 7, x")
        XCTAssertEqual(String(describing: text), "…")
        XCTAssertEqual("\(String(describing: text)) \([text])", "… […]")
        // The compiler warns of none of these, or else it would end here: warnings are errors in the tests.
        XCTAssertEqual(Redacted(#"{"name":"\#(first)"}"#).expose(), #"{"name":"Ada"}"#)
        XCTAssertEqual(["\(first)!", text].map { $0.expose() }, ["Ada!", "Ada Lovelace, 7, x"])
        XCTAssertEqual(Register(email: "\(first)@example.com", templateId: 1).email.expose(), "Ada@example.com")
        XCTAssertTrue(text == "\(first) Lovelace, 7, x")
    }

    /// Not itself out of date: only so does the compiler let pass what it warns of.
    @available(*, deprecated)
    func testAHiddenTextInAStringIsWarnedOf() throws {
        let number: Redacted = "4111111111111111"
        XCTAssertEqual("\(number)", "…")
        XCTAssertEqual(#"{"number":"\#(number)"}"#, #"{"number":"…"}"#)
        var interpolation = DefaultStringInterpolation(literalCapacity: 0, interpolationCount: 1)
        interpolation.appendInterpolation(number)
        XCTAssertEqual(String(stringInterpolation: interpolation), "…")
    }

    func testIdsAreMadeOfNumbersAndTexts() throws {
        let number: Int = 5
        XCTAssertEqual(UserId(number), 5)
        XCTAssertEqual(UserId("5"), 5)
        XCTAssertNil(UserId("five"))
        XCTAssertEqual([CardId(3), 1, 2].sorted(), [1, 2, 3])
        let tooLarge = Recharge(userId: UserId(UInt64.max), cardId: 1, amount: 1)
        XCTAssertEqual(try thrown { _ = try Plan(tooLarge) }.code, .idRange)
    }

    func testWordsAreRawValues() throws {
        XCTAssertEqual(OperationStatus.success.rawValue, "SUCCESS")
        XCTAssertEqual(OperationStatus(rawValue: "SUCCESS"), .success)
        XCTAssertEqual(CardStatus(rawValue: "FROZEN"), .other("FROZEN"))
        XCTAssertEqual(CardStatus.other("FROZEN").rawValue, "FROZEN")
        for kind in OperationKind.allCases { XCTAssertEqual(OperationKind(rawValue: kind.rawValue), kind) }
        XCTAssertEqual(OperationKind.recharge.rawValue, "card.recharge")
        XCTAssertNil(OperationKind(rawValue: "card.rob"))
        let words: [EventType] = [.card3ds, .other("CARD_LOST")]
        let coded = try JSONEncoder().encode(words)
        XCTAssertEqual(String(decoding: coded, as: UTF8.self), #"["CARD_3DS","CARD_LOST"]"#)
        XCTAssertEqual(try JSONDecoder().decode([EventType].self, from: coded), words)
        XCTAssertThrowsError(try JSONDecoder().decode([EventType].self, from: Data("[1]".utf8)))
    }

    /// However they were made; what is hashed agrees with it. A `switch` goes by the case.
    func testWordsAreEqualIfTheyAreSpeltTheSame() throws {
        func areEqual<Word: Hashable>(_ one: Word, _ other: Word) -> [Bool] {
            [one == other, !(one != other), one.hashValue == other.hashValue, Set([one, other]).count == 1]
        }
        let (known, spelt) = (CardStatus.active, CardStatus.other("ACTIVE"))
        XCTAssertEqual(areEqual(known, spelt), [true, true, true, true])
        XCTAssertTrue(known == spelt && !(known != spelt))
        XCTAssertEqual(areEqual(known, .other("FROZEN")), [false, false, false, false])
        XCTAssertEqual(areEqual(CardStatus.other("FROZEN"), .other("THAWED")), [false, false, false, false])
        guard case .other("ACTIVE") = spelt else { return XCTFail() }
        XCTAssertEqual([OperationKind.recharge: 1, .apply: 2][.recharge], 1)
    }

    /// What the guide says of literals.
    func testAmountsThatWereFloats() throws {
        let (ten, fee): (Decimal, Decimal) = (10, 0.07)
        XCTAssertEqual(fee.description, "0.07000000000000001024")
        XCTAssertEqual(try thrown { try Plan(Recharge(userId: 1, cardId: 2, amount: fee)) }.code, .amountFormat)
        XCTAssertEqual((ten + fee).description, "10.07000000000000001024")
        let exact = try ten + Decimal(amount: "0.07")
        XCTAssertEqual(exact.description, "10.07")
        XCTAssertNoThrow(try Plan(Recharge(userId: 1, cardId: 2, amount: exact)))
    }

    func testMonthsAreOrderedAndCoded() throws {
        XCTAssertLessThan(Expiry(month: 12, year: 2027), Expiry(month: 1, year: 2028))
        XCTAssertLessThan(YearMonth(year: 2027, month: 12), YearMonth(year: 2028, month: 1))
        let coded = try JSONEncoder().encode([Expiry(month: 1, year: 2028)])
        XCTAssertEqual(try JSONDecoder().decode([String].self, from: coded), ["01/28"])
        XCTAssertEqual(try JSONDecoder().decode([Expiry].self, from: coded), [Expiry(month: 1, year: 2028)])
        XCTAssertEqual(
            try thrown { _ = try JSONDecoder().decode([Expiry].self, from: Data(#"["13/28"]"#.utf8)) }.code, .expiryMonth)
        let code = try JSONEncoder().encode([ErrorCode.pinLength])
        XCTAssertEqual(String(decoding: code, as: UTF8.self), #"["pin.length"]"#)
    }

    func testASecondSendingSaysWhatItWas() {
        XCTAssertTrue(SentBefore().localizedDescription.contains("sent before"))
    }
}

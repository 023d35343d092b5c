import BananaTech
import Foundation
import XCTest

/// Values that aren't generated behave as Swift's own do.
final class ValuesTests: XCTestCase {
    func testATextThatIsPutTogetherOfHiddenOnesIsWholeAndHidden() throws {
        let (first, card): (Redacted, CardId) = ("Ada", 7)
        let text: Redacted = "\(first) Lovelace, \(card), \("x")"
        XCTAssertEqual(text.expose(), "Ada Lovelace, 7, x")
        XCTAssertEqual("\(text)", "…")
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

    func testASecondSendingSaysWhatItWas() {
        XCTAssertTrue(SentBefore().localizedDescription.contains("sent before"))
    }
}

@testable import BananaTech
import XCTest

final class PanicTests: XCTestCase {
    func testAPanicIsAnErrorAndTheLibraryGoesOn() throws {
        let merchant = try merchant()
        for _ in 1...3 {
            XCTAssertThrowsError(try testingPanic()) { error in
                XCTAssertFalse(error is BananaTechError)
                XCTAssertTrue("\(error)".contains("as a test asked for"), "\(error)")
            }
            XCTAssertEqual(try merchant.delivered("CARD_3DS", "{}"), .card3ds("{}"))
        }
    }
}

@testable import BananaTech
import Foundation
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

/// What reads the library's errors is written by hand.
final class ErrorBytesTests: XCTestCase {
    private func read(_ variant: Int32, _ parts: [UInt8]...) throws -> BananaTechError {
        let number = withUnsafeBytes(of: variant.bigEndian) { Data($0) }
        var buffer = (data: parts.reduce(number, +), offset: 0)
        let error = try FfiConverterTypeBananaTechError.read(from: &buffer)
        XCTAssertEqual(buffer.offset, buffer.data.count)
        return error
    }

    private func text(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        FfiConverterString.write(text, into: &bytes)
        return bytes
    }

    func testEachErrorIsReadWhole() throws {
        let rejection = Rejection(status: 500, meaning: .notKnown, words: nil, body: "{}", authenticated: false)
        var answered: [UInt8] = []
        FfiConverterTypeRejection.write(rejection, into: &answered)
        let (none, some): ([UInt8], [UInt8]) = ([0], [1])
        let code = text("pin.length")
        XCTAssertEqual(
            try read(1, code, some, text("pin"), text("a")), .invalidInput(code: .pinLength, field: "pin", summary: "a"))
        XCTAssertEqual(try read(2, text("rejected"), answered, text("b")), .rejected(rejection, summary: "b"))
        XCTAssertEqual(try read(3, text("not_authentic"), text("c")), .notAuthentic(summary: "c"))
        XCTAssertEqual(try read(4, code, none, text("d")), .unexpected(code: .pinLength, field: nil, summary: "d"))
        XCTAssertEqual(try read(5, text("answer.not_known"), answered, text("e")), .notKnown(answer: rejection, summary: "e"))
        XCTAssertEqual(try read(6, text("f")), .noRandomness(summary: "f"))
        XCTAssertThrowsError(try read(7))
    }
}

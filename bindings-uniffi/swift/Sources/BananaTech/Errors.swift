import BananaTechFFI
import Foundation

/// Which rule was broken: a stable text, as `pin.length`. Codes may be added, so keep a `default` branch.
public struct ErrorCode: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    /// The text.
    public let rawValue: String

    /// The code of that text.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public var description: String { rawValue }
}

/// What a function of this library ends in, other than well. There are these categories and won't be others; which rule was broken is
/// said by ``code``, and codes may be added. No value that came in is shown by its description.
public enum BananaTechError: Error, Hashable, Sendable {
    /// The caller gave something that isn't allowed. Nothing was sent: correct the field that it names.
    case invalidInput(code: ErrorCode, field: String?, summary: String)

    /// BananaTech refused, and nothing was done: the operation failed (``Tracker/reject(id:rejection:)``). Correct the request, and send
    /// it as a new operation. That nothing was done is inferred from the status: the vendor documents HTTP 400 alone.
    case rejected(Rejection, summary: String)

    /// A message could not be opened: forged, damaged, sealed with another key, or the request itself sent back. All failures look the
    /// same on purpose; ``Merchant/diagnose(rawBody:)`` tells operators more.
    case notAuthentic(summary: String)

    /// A message, authentic or plain, that isn't what the contract says.
    case unexpected(code: ErrorCode, field: String?, summary: String)

    /// The answer doesn't say that the operation was carried out, and doesn't refuse it either, as after HTTP 500. Ask, and don't send it
    /// again. `answer` is what came: its `meaning` is `.notKnown`, so it refuses nothing.
    case notKnown(answer: Rejection, summary: String)

    /// The platform has no random bytes, so nothing could be sealed.
    case noRandomness(summary: String)

    /// No connection to BananaTech could be made, so nothing of the request left: ``Tracker/withdraw(id:)`` the operation, and make it again as
    /// a new one, once there is a connection. Only senders throw it, such as `HTTPSender`.
    case notSent(summary: String)
}

extension BananaTechError {
    /// Which rule was broken.
    public var code: ErrorCode {
        switch self {
        case .invalidInput(let code, _, _), .unexpected(let code, _, _): code
        case .rejected: .rejected
        case .notKnown: .answerNotKnown
        case .notAuthentic: .notAuthentic
        case .noRandomness: .noRandomness
        case .notSent: .requestNotSent
        }
    }

    /// The field that it is about, as a path from the outermost object, in the API's names: `amount`, `kyc_data.gender`; nil if it is
    /// about the whole.
    public var field: String? {
        switch self {
        case .invalidInput(_, let field, _), .unexpected(_, let field, _): field
        case .rejected, .notAuthentic, .notKnown, .noRandomness, .notSent: nil
        }
    }

    /// What BananaTech answered as it refused, as ``Tracker/reject(id:rejection:)`` takes it. Nil for every other error, so for `.notKnown` too:
    /// after that the operation may have been carried out.
    public var rejection: Rejection? {
        if case .rejected(let rejection, _) = self { rejection } else { nil }
    }

    /// What was answered, such as HTTP 500, that doesn't say whether the operation was carried out: its status, words and body. Nil for
    /// every error but `.notKnown`. It is no refusal (``rejection``).
    public var answer: Rejection? {
        if case .notKnown(let answer, _) = self { answer } else { nil }
    }

    /// In words. No value that came in is shown by it.
    public var summary: String {
        switch self {
        case .invalidInput(_, _, let summary), .unexpected(_, _, let summary): summary
        case .rejected(_, let summary), .notKnown(_, let summary): summary
        case .notAuthentic(let summary), .noRandomness(let summary), .notSent(let summary): summary
        }
    }
}

extension BananaTechError: LocalizedError {
    public var errorDescription: String? { summary }
}

extension BananaTechError: CustomStringConvertible {
    public var description: String { summary }
}

/// Reads what the library's error is, its variants and their fields in the order that they have there.
struct FfiConverterTypeBananaTechError: FfiConverterRustBuffer {
    static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> BananaTechError {
        let variant: Int32 = try readInt(&buf)
        if variant == 6 {
            return .noRandomness(summary: try FfiConverterString.read(from: &buf))
        }
        // The categories that have one code send it too.
        let code = try FfiConverterTypeErrorCode.read(from: &buf)
        switch variant {
        case 1, 4:
            let field = try FfiConverterOptionString.read(from: &buf)
            let summary = try FfiConverterString.read(from: &buf)
            return variant == 1
                ? .invalidInput(code: code, field: field, summary: summary) : .unexpected(code: code, field: field, summary: summary)
        case 2, 5:
            let rejection = try FfiConverterTypeRejection.read(from: &buf)
            let summary = try FfiConverterString.read(from: &buf)
            return variant == 2 ? .rejected(rejection, summary: summary) : .notKnown(answer: rejection, summary: summary)
        case 3: return .notAuthentic(summary: try FfiConverterString.read(from: &buf))
        default: throw UnexpectedValue()
        }
    }

    // An error only ever comes out of the library.
    static func write(_ value: BananaTechError, into buf: inout [UInt8]) {
        preconditionFailure("errors don't go in")
    }
}

func FfiConverterTypeBananaTechError_lift(_ buf: RustBuffer) throws -> BananaTechError {
    try FfiConverterTypeBananaTechError.lift(buf)
}

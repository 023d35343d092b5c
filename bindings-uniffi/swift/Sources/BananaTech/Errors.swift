import Foundation

/// Which rule was broken: a stable text, as `pin.length`. Codes may be added, so keep a `default` branch.
public struct ErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The text.
    public let rawValue: String

    /// The code of that text.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public var description: String { rawValue }
}

extension BananaTechError {
    /// Which rule was broken.
    public var code: ErrorCode {
        switch self {
        case .InvalidInput(let code, _, _), .Unexpected(let code, _, _): code
        case .Rejected(let code, _, _), .NotKnown(let code, _, _): code
        case .NotAuthentic(let code, _): code
        case .NoRandomness: .noRandomness
        }
    }

    /// The field that it is about, as a path from the outermost object; nil if it is about the whole.
    public var field: String? {
        switch self {
        case .InvalidInput(_, let field, _), .Unexpected(_, let field, _): field
        case .Rejected, .NotAuthentic, .NotKnown, .NoRandomness: nil
        }
    }

    /// In words. No value that came in is shown by it.
    public var summary: String {
        switch self {
        case .InvalidInput(_, _, let summary), .Unexpected(_, _, let summary): summary
        case .Rejected(_, _, let summary), .NotKnown(_, _, let summary): summary
        case .NotAuthentic(_, let summary), .NoRandomness(let summary): summary
        }
    }
}

extension BananaTechError: LocalizedError {
    public var errorDescription: String? { summary }
}

extension BananaTechError: CustomStringConvertible {
    public var description: String { summary }
}

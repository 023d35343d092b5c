import Foundation

extension BananaTechError {
    /// Which rule was broken.
    public var code: ErrorCode {
        switch self {
        case .invalidInput(let code, _, _), .unexpected(let code, _, _): code
        case .rejected(let code, _, _): code
        case .notAuthentic(let code, _), .noRandomness(let code, _): code
        }
    }

    /// The field that it is about, as a path from the outermost object; nil if it is about the whole.
    public var field: String? {
        switch self {
        case .invalidInput(_, let field, _), .unexpected(_, let field, _): field
        case .rejected, .notAuthentic, .noRandomness: nil
        }
    }

    /// In words. No value that came in is shown by it.
    public var summary: String {
        switch self {
        case .invalidInput(_, _, let summary), .unexpected(_, _, let summary): summary
        case .rejected(_, _, let summary): summary
        case .notAuthentic(_, let summary), .noRandomness(_, let summary): summary
        }
    }
}

extension BananaTechError: LocalizedError {
    public var errorDescription: String? { summary }
}

extension BananaTechError: CustomStringConvertible {
    public var description: String { summary }
}

import BananaTech
import Foundation

/// What an event says beside its type.
func told(_ event: Event) throws -> String {
    switch event {
    case .cardAssignResult(let event): " \(event.status.rawValue)" + (event.errorReason.map { ": \($0.expose())" } ?? "")
    case .cardActivateResult(let event):
        try " \(event.status.rawValue) " + (event.cardNumber.map { try CardNumberFacts($0).masked } ?? "")
    case .cardStatusChange(let event): " \(event.status.rawValue)"
    case .cardRechargeResult(let event): " \(event.status.rawValue) " + (event.receiveAmount.map { "\($0)" } ?? "")
    case .cardCloseResult(let event): " \(event.status.rawValue) refund " + (event.refundAmount.map { "\($0)" } ?? "")
    default: ""
    }
}

import BananaTech
import Foundation

/// An operation by its name in a plan.
func name(_ operation: AnyOperation) throws -> String {
    struct Head: Decodable { let operation: String }
    return try JSONDecoder().decode(Head.self, from: Data(plan(operation: operation).json.expose().utf8)).operation
}

/// The API's word for a card's status.
func word(_ status: CardStatus) -> String {
    switch status {
    case .toBeActivated: "TBA"
    case .active: "ACTIVE"
    case .locked: "LOCKED"
    case .closed: "CLOSED"
    case .other(let word): word
    }
}

/// The API's word for how an operation ended.
func word(_ status: OperationStatus) -> String {
    switch status {
    case .success: "SUCCESS"
    case .failed: "FAILED"
    case .other(let word): word
    }
}

/// The API's word for a transaction's type.
func word(_ type: TransactionType) -> String {
    switch type {
    case .recharge: "RECHARGE"
    case .other(let word): word
    }
}

/// What an event says beside its type.
func told(_ event: Event) throws -> String {
    switch event {
    case .cardAssignResult(let event): " \(word(event.status))" + (event.errorReason.map { ": \($0)" } ?? "")
    case .cardActivateResult(let event):
        try " \(word(event.status)) " + (event.cardNumber.map { try cardNumber(text: $0).masked } ?? "")
    case .cardStatusChange(let event): " \(word(event.status))"
    case .cardRechargeResult(let event): " \(word(event.status)) " + (event.receiveAmount.map { "\($0)" } ?? "")
    case .cardCloseResult(let event): " \(word(event.status)) refund " + (event.refundAmount.map { "\($0)" } ?? "")
    default: ""
    }
}

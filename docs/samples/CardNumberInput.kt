import space.bananatech.FieldEdit
import space.bananatech.FieldFormat
import space.bananatech.FieldReason
import space.bananatech.FieldSelection
import space.bananatech.NumberField
import space.bananatech.Redacted
import space.bananatech.editField
import space.bananatech.isPotentiallyValid
import space.bananatech.isValid
import space.bananatech.numberField

/** The number of a card to assign, while somebody types it. A view shows [text] with [selection], and hands on each change. */
class CardNumberInput {
    /** What stands in the field, with gaps. */
    var text: String = ""
        private set

    /** The caret, or what is selected. */
    var selection: FieldSelection = FieldSelection(0)
        private set

    private val number: NumberField get() = numberField(Redacted(text))

    /** Why to show the field as wrong; null while typing on can make it valid. */
    val problem: FieldReason? get() = number.assignment.run { reason.takeIf { !isPotentiallyValid } }

    /** What to send: the digits. Null until they are valid. */
    val value: Redacted? get() = number.run { value.takeIf { assignment.isValid } }

    /** The view has [now] in it, and [selected]. */
    fun change(now: String, selected: FieldSelection) {
        if (now == text) {
            selection = selected
            return
        }
        val change = FieldEdit.Changed(Redacted(now), selected)
        val edited = editField(FieldFormat.AssignedNumber, Redacted(text), selection, change)
        text = edited.text.expose()
        selection = edited.selection
    }
}

package space.bananatech

import CardNumberInput
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** What the README binds to a text field, driven as Android and Compose drive it. The names are theirs. */
class TextFieldsTest {
    /** A text that is watched, as Android's `Editable` in an `EditText`: the caret stays behind what is put in. */
    class Editable : CharSequence {
        private var text = StringBuilder()
        var start = 0
        var end = 0
        var watcher: TextWatcher? = null

        override val length: Int get() = text.length

        override fun get(index: Int): Char = text[index]

        override fun subSequence(startIndex: Int, endIndex: Int): CharSequence = text.substring(startIndex, endIndex)

        override fun toString(): String = text.toString()

        fun replace(start: Int, end: Int, by: CharSequence): Editable {
            watcher?.beforeTextChanged(this, start, end - start, by.length)
            text.replace(start, end, by.toString())
            val moved = { at: Int ->
                if (at < start) at else if (at > end) at + by.length - (end - start) else start + by.length
            }
            this.start = moved(this.start)
            this.end = moved(this.end)
            watcher?.onTextChanged(this, start, end - start, by.length)
            watcher?.afterTextChanged(this)
            return this
        }
    }

    interface TextWatcher {
        fun beforeTextChanged(s: CharSequence, start: Int, count: Int, after: Int)

        fun onTextChanged(s: CharSequence, start: Int, before: Int, count: Int)

        fun afterTextChanged(s: Editable)
    }

    class EditText {
        val text = Editable()
        val selectionStart get() = text.start
        val selectionEnd get() = text.end

        fun addTextChangedListener(watcher: TextWatcher) {
            text.watcher = watcher
        }

        fun setSelection(start: Int, stop: Int = start) {
            require(start in 0..text.length && stop in 0..text.length) { "not in a text of ${text.length}: $start, $stop" }
            text.start = start
            text.end = stop
        }

        /** The keys, as a keyboard has them. */
        fun type(keys: String) = keys.forEach { paste("$it") }

        fun paste(what: String) = text.replace(selectionStart, selectionEnd, what)

        fun backspace() {
            val (start, end) = selectionStart to selectionEnd
            if (start < end) paste("") else if (end > 0) text.replace(end - 1, end, "")
        }

        fun delete() {
            val (start, end) = selectionStart to selectionEnd
            if (start < end) paste("") else if (end < text.length) text.replace(end, end + 1, "")
        }

        /** The text, with the selection in it. */
        override fun toString(): String = shown(text.toString(), selectionStart, selectionEnd)
    }

    // As it stands in the README.
    class FieldWatcher(private val field: EditText, private val format: FieldFormat) : TextWatcher {
        private var before = Edited(Redacted(""), FieldSelection(0))
        private var isOwn = false

        override fun beforeTextChanged(s: CharSequence, start: Int, count: Int, after: Int) {
            if (!isOwn) before = Edited(Redacted(s.toString()), FieldSelection(field.selectionStart, field.selectionEnd))
        }

        override fun onTextChanged(s: CharSequence, start: Int, before: Int, count: Int) = Unit

        override fun afterTextChanged(s: Editable) {
            if (isOwn) return
            val now = FieldEdit.Changed(Redacted(s.toString()), FieldSelection(field.selectionStart, field.selectionEnd))
            val edited = editField(format, before.text, before.selection, now)
            isOwn = true
            s.replace(0, s.length, edited.text.expose())
            isOwn = false
            field.setSelection(edited.selection.start, edited.selection.end)
        }
    }

    data class TextRange(val start: Int, val end: Int = start) {
        val min get() = minOf(start, end)
        val max get() = maxOf(start, end)
    }

    data class TextFieldValue(val text: String = "", val selection: TextRange = TextRange(0))

    // As it stands in the README.
    fun edited(format: FieldFormat, before: TextFieldValue, now: TextFieldValue): TextFieldValue {
        if (now.text == before.text) return now
        val selection = { range: TextRange -> FieldSelection(range.min, range.max) }
        val change = FieldEdit.Changed(Redacted(now.text), selection(now.selection))
        val edited = editField(format, Redacted(before.text), selection(before.selection), change)
        return TextFieldValue(edited.text.expose(), TextRange(edited.selection.start, edited.selection.end))
    }

    /** A Compose text field: it shows the value that `onValueChange` leaves. */
    inner class TextField(private val format: FieldFormat) {
        private var value = TextFieldValue()

        private fun replace(start: Int, end: Int, by: String) {
            onValueChange(TextFieldValue(value.text.replaceRange(start, end, by), TextRange(start + by.length)))
        }

        private fun onValueChange(now: TextFieldValue) {
            value = edited(format, value, now)
        }

        fun setSelection(start: Int, stop: Int = start) = onValueChange(value.copy(selection = TextRange(start, stop)))

        fun paste(what: String) = replace(value.selection.min, value.selection.max, what)

        fun type(keys: String) = keys.forEach { paste("$it") }

        fun backspace() {
            val (start, end) = value.selection.min to value.selection.max
            if (start < end) paste("") else if (end > 0) replace(end - 1, end, "")
        }

        fun delete() {
            val (start, end) = value.selection.min to value.selection.max
            if (start < end) paste("") else if (end < value.text.length) replace(end, end + 1, "")
        }

        override fun toString(): String = shown(value.text, value.selection.min, value.selection.max)
    }

    /** The same keys on both. */
    private class Keys(
        val type: (String) -> Unit,
        val paste: (String) -> Unit,
        val backspace: () -> Unit,
        val delete: () -> Unit,
        val select: (Int, Int) -> Unit,
        val look: () -> String,
    )

    private fun each(format: FieldFormat, press: Keys.() -> Unit) {
        val view = EditText()
        view.addTextChangedListener(FieldWatcher(view, format))
        Keys(view::type, { view.paste(it) }, view::backspace, view::delete, view::setSelection, view::toString).press()
        val field = TextField(format)
        Keys(field::type, field::paste, field::backspace, field::delete, field::setSelection, field::toString).press()
    }

    @Test
    fun aNumberIsTypedWithItsGaps() = each(FieldFormat.Number) {
        type("4111")
        assertEquals("4111|", look())
        type("1")
        assertEquals("4111 1|", look())
        type("x11 1")
        assertEquals("4111 1111|", look())
        type("22223333")
        assertEquals("4111 1111 2222 3333|", look())
        type("4445")
        assertEquals("4111 1111 2222 3333444|", look(), "a digit that is too much isn't taken")
    }

    @Test
    fun deletingAcrossAGapTakesTheDigitBesideIt() = each(FieldFormat.Number) {
        paste("4111 2345")
        select(5, 5)
        backspace()
        assertEquals("411|2 345", look())
        select(4, 4)
        delete()
        assertEquals("4112| 45", look())
        select(1, 6)
        backspace()
        assertEquals("4|5", look())
        backspace()
        backspace()
        assertEquals("|5", look())
        delete()
        assertEquals("|", look())
    }

    @Test
    fun whatIsPastedIsWrittenAsTheFieldHasIt() = each(FieldFormat.Number) {
        paste("3782-822463-10005")
        assertEquals("3782 822463 10005|", look())
        select(5, 11)
        paste("８２ ")
        assertEquals("3782 82|1000 5", look())
        select(0, 13)
        paste("4111111111111111")
        assertEquals("4111 1111 1111 1111|", look())
        // Autofill and a second paste over all.
        select(0, 19)
        paste("5555555555554444")
        assertEquals("5555 5555 5555 4444|", look())
    }

    @Test
    fun typingInTheMiddleKeepsTheCaret() = each(FieldFormat.Number) {
        paste("41112222")
        select(2, 2)
        type("9")
        assertEquals("419|1 1222 2", look())
        type("8")
        assertEquals("4198| 1122 22", look())
    }

    @Test
    fun aDateIsTypedWithoutItsSeparator() = each(FieldFormat.Expiry) {
        type("1")
        assertEquals("1|", look())
        type("2")
        assertEquals("12/|", look())
        backspace()
        assertEquals("1|", look(), "the separator goes with the digit before it")
        type("2/27")
        assertEquals("12/27|", look())
        type("8")
        assertEquals("12/27|", look())
        repeat(3) { backspace() }
        assertEquals("1|", look())
        backspace()
        type("5")
        assertEquals("05/|", look())
    }

    @Test
    fun digitsAreNoMoreThanTheyMayBe() = each(FieldFormat.Digits(most = 4)) {
        type("12a345")
        assertEquals("1234|", look())
        select(1, 3)
        assertEquals("1|23|4", look())
        type("0")
        assertEquals("10|4", look())
    }

    /** docs/samples/CardNumberInput.kt, which docs/fields.md shows. */
    @Test
    fun theDocumentationsInputIsDriven() {
        val input = CardNumberInput()
        fun look() = shown(input.text, input.selection.start, input.selection.end)
        fun type(keys: String) = keys.forEach {
            val (start, end) = input.selection
            input.change(input.text.replaceRange(start, end, "$it"), FieldSelection(start + 1))
        }
        type("12345678901234")
        assertEquals("1234 5678 9012 34|", look())
        assertEquals(null to null, input.problem to input.value)
        input.change(input.text, FieldSelection(2))
        type("0")
        assertEquals("120|3 4567 8901 234", look())
        input.change(input.text, FieldSelection(input.text.length))
        // No brand's, and its check digit is wrong: a card of this issuer may be so.
        type("5")
        assertEquals(Redacted("1203456789012345"), input.value)
        input.change(input.text + "x", FieldSelection(input.text.length + 1))
        assertEquals("1203 4567 8901 2345|", look())
        input.change("1".repeat(20), FieldSelection(20))
        assertEquals(FieldReason.TOO_LONG to null, input.problem to input.value)
    }

    companion object {
        private fun shown(text: String, start: Int, end: Int): String {
            val shown = StringBuilder(text).insert(end, "|")
            return if (start == end) "$shown" else "${shown.insert(start, "|")}"
        }
    }
}

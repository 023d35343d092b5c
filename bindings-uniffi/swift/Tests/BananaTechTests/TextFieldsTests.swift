import BananaTech
import Foundation
import XCTest

// As much of UIKit as a text field's delegate touches. The names are UIKit's.

class UITextPosition: NSObject {
    let at: Int
    init(_ at: Int) { self.at = at }
}

class UITextRange: NSObject {
    let start, end: UITextPosition
    init(_ start: Int, _ end: Int) { (self.start, self.end) = (UITextPosition(start), UITextPosition(end)) }
}

protocol UITextFieldDelegate: AnyObject {
    func textField(_ field: UITextField, shouldChangeCharactersIn range: NSRange, replacementString string: String) -> Bool
}

class UITextField {
    var text: String? { didSet { selectedTextRange = UITextRange(units, units) } }
    var selectedTextRange: UITextRange?
    weak var delegate: (any UITextFieldDelegate)?
    let beginningOfDocument = UITextPosition(0)

    private var units: Int { (text ?? "").utf16.count }

    func offset(from: UITextPosition, to: UITextPosition) -> Int { to.at - from.at }

    func position(from: UITextPosition, offset: Int) -> UITextPosition? {
        (0...units).contains(from.at + offset) ? UITextPosition(from.at + offset) : nil
    }

    func textRange(from: UITextPosition, to: UITextPosition) -> UITextRange? { UITextRange(from.at, to.at) }

    fileprivate func replace(_ start: Int, _ end: Int, _ string: String) {
        let range = NSRange(location: start, length: end - start)
        guard delegate?.textField(self, shouldChangeCharactersIn: range, replacementString: string) ?? true else { return }
        text = ((text ?? "") as NSString).replacingCharacters(in: range, with: string)
    }
}

// As it stands in the README.
final class CardField: NSObject, UITextFieldDelegate {
    let format: FieldFormat
    init(_ format: FieldFormat) { self.format = format }

    func textField(_ field: UITextField, shouldChangeCharactersIn range: NSRange, replacementString string: String) -> Bool {
        let start = field.beginningOfDocument
        let selected = field.selectedTextRange.map { selected in
            FieldSelection(start: field.offset(from: start, to: selected.start), end: field.offset(from: start, to: selected.end))
        }
        let edited = format.edited(
            Redacted(field.text ?? ""), selection: selected ?? FieldSelection(caret: .max),
            by: .replace(range: FieldSelection(range), text: Redacted(string)))
        field.text = edited.text.expose()
        if let from = field.position(from: start, offset: edited.selection.start),
            let to = field.position(from: start, offset: edited.selection.end)
        {
            field.selectedTextRange = field.textRange(from: from, to: to)
        }
        return false
    }
}

// #region swiftui
/// What is shown after an edit of SwiftUI's, which has made it already.
func edited(_ format: FieldFormat, from before: String, to now: String) -> String {
    // SwiftUI doesn't tell the caret: it is before what both texts end in.
    let same = zip(before.utf16.reversed(), now.utf16.reversed()).prefix { $0 == $1 }.count
    return format.edited(
        Redacted(before), selection: FieldSelection(caret: .max),
        by: .changed(text: Redacted(now), selection: FieldSelection(caret: now.utf16.count - same))
    ).text.expose()
}

/// Whether to mark a number as wrong: while somebody types, only if typing on can't make it valid.
func isWrong(_ text: String, hasLeft: Bool) -> Bool {
    let verdict = NumberField(Redacted(text)).verdict // for a card of this issuer that is to be assigned: `assignment`
    return hasLeft && !text.isEmpty ? !verdict.isValid : !verdict.isPotentiallyValid
}
// #endregion swiftui

/// Keys that are pressed in some text field.
private protocol Keys: AnyObject {
    var value: String { get }
    var selection: (start: Int, end: Int) { get set }
    func replace(_ start: Int, _ end: Int, _ string: String)
}

extension Keys {
    func paste(_ text: String) { replace(selection.start, selection.end, text) }
    func type(_ keys: String) { for key in keys { paste(String(key)) } }

    func backspace() {
        let (start, end) = selection
        if start < end { paste("") } else if end > 0 { replace(end - 1, end, "") }
    }

    func delete() {
        let (start, end) = selection
        if start < end { paste("") } else if end < value.utf16.count { replace(end, end + 1, "") }
    }

    /// The text, with the selection in it.
    var shown: String {
        let text = NSMutableString(string: value)
        text.insert("|", at: selection.end)
        if selection.start < selection.end { text.insert("|", at: selection.start) }
        return text as String
    }
}

private final class KitKeys: Keys {
    private let field = UITextField()
    private let delegate: CardField

    init(_ format: FieldFormat) {
        delegate = CardField(format)
        field.delegate = delegate
        field.text = ""
    }

    var value: String { field.text ?? "" }
    var selection: (start: Int, end: Int) {
        get { field.selectedTextRange.map { ($0.start.at, $0.end.at) } ?? (0, 0) }
        set { field.selectedTextRange = UITextRange(newValue.start, newValue.end) }
    }
    func replace(_ start: Int, _ end: Int, _ string: String) { field.replace(start, end, string) }
}

/// A field of SwiftUI with the `onChange` of the README: its caret goes to the end when the text is written by somebody else.
private final class SwiftUIKeys: Keys {
    private let format: FieldFormat
    private var shownBefore = ""
    var value = ""
    var selection = (start: 0, end: 0)

    init(_ format: FieldFormat) { self.format = format }

    func replace(_ start: Int, _ end: Int, _ string: String) {
        value = (value as NSString).replacingCharacters(in: NSRange(location: start, length: end - start), with: string)
        selection = (start + string.utf16.count, start + string.utf16.count)
        onChange(value)
    }

    private func onChange(_ now: String) {
        guard now != shownBefore else { return }
        shownBefore = edited(format, from: shownBefore, to: now)
        guard shownBefore != value else { return }
        value = shownBefore
        selection = (value.utf16.count, value.utf16.count)
        onChange(value)
    }
}

final class TextFieldsTests: XCTestCase {
    func testANumberIsWrongOnceItCannotBecomeRight() {
        XCTAssertEqual(["", "4111", "4111 1111 1111 1111", "4111 x"].map { isWrong($0, hasLeft: false) }, [false, false, false, true])
        XCTAssertEqual(["", "4111", "4111 1111 1111 1111", "4111 x"].map { isWrong($0, hasLeft: true) }, [false, true, false, true])
    }

    /// What the guide says of the two verdicts on a number.
    func testTheVendorsSampleNumberIsToBeAssignedAndNoBrands() {
        let field = NumberField("1234567890123456")
        XCTAssertTrue(field.assignment.isValid)
        XCTAssertEqual(field.verdict, FieldVerdict(validity: .invalid, reason: .unknownBrand))
    }

    func testANumberIsTypedWithItsGaps() {
        for keys in [KitKeys(.number), SwiftUIKeys(.number)] as [any Keys] {
            keys.type("4111")
            XCTAssertEqual(keys.shown, "4111|")
            keys.type("1x11 1")
            XCTAssertEqual(keys.shown, "4111 1111|")
            keys.type("222233334445")
            XCTAssertEqual(keys.shown, "4111 1111 2222 3333444|", "a digit that is too much isn't taken")
            for _ in 0..<11 { keys.backspace() }
            XCTAssertEqual(keys.shown, "4111 1111|")
            for _ in 0..<5 { keys.backspace() }
            XCTAssertEqual(keys.shown, "411|")
        }
    }

    func testDeletingAcrossAGapTakesTheDigitBesideIt() {
        let keys = KitKeys(.number)
        keys.paste("4111 2345")
        keys.selection = (5, 5)
        keys.backspace()
        XCTAssertEqual(keys.shown, "411|2 345")
        keys.selection = (4, 4)
        keys.delete()
        XCTAssertEqual(keys.shown, "4112| 45")
        keys.selection = (1, 6)
        keys.backspace()
        XCTAssertEqual(keys.shown, "4|5")
        keys.delete()
        keys.backspace()
        XCTAssertEqual(keys.shown, "|")

        let others = SwiftUIKeys(.number)
        others.paste("4111 2345")
        others.selection = (5, 5)
        others.backspace()
        XCTAssertEqual(others.value, "4112 345")
    }

    func testWhatIsPastedIsWrittenAsTheFieldHasIt() {
        for keys in [KitKeys(.number), SwiftUIKeys(.number)] as [any Keys] {
            keys.paste("3782-822463-10005")
            XCTAssertEqual(keys.shown, "3782 822463 10005|")
            keys.selection = (5, 11)
            keys.paste("８２ ")
            XCTAssertEqual(keys.value, "3782 821000 5")
            // Autofill and a second paste over all.
            for (pasted, text) in [("4111111111111111", "4111 1111 1111 1111|"), ("5555555555554444", "5555 5555 5555 4444|")] {
                keys.selection = (0, keys.value.utf16.count)
                keys.paste(pasted)
                XCTAssertEqual(keys.shown, text)
            }
        }
    }

    func testTypingInTheMiddleKeepsTheCaret() {
        let keys = KitKeys(.number)
        keys.paste("41112222")
        keys.selection = (2, 2)
        keys.type("9")
        XCTAssertEqual(keys.shown, "419|1 1222 2")
        keys.type("8")
        XCTAssertEqual(keys.shown, "4198| 1122 22")
    }

    func testADateIsTypedWithoutItsSeparator() {
        for keys in [KitKeys(.expiry), SwiftUIKeys(.expiry)] as [any Keys] {
            keys.type("1")
            XCTAssertEqual(keys.shown, "1|")
            keys.type("2")
            XCTAssertEqual(keys.shown, "12/|")
            keys.backspace()
            XCTAssertEqual(keys.shown, "1|", "the separator goes with the digit before it")
            keys.type("2/278")
            XCTAssertEqual(keys.shown, "12/27|")
            for _ in 0..<3 { keys.backspace() }
            XCTAssertEqual(keys.shown, "1|")
            keys.backspace()
            keys.type("5")
            XCTAssertEqual(keys.shown, "05/|")
        }
    }

    func testDigitsAreNoMoreThanTheyMayBe() {
        for keys in [KitKeys(.digits(most: 4)), SwiftUIKeys(.digits(most: 4))] as [any Keys] {
            keys.type("12a345")
            XCTAssertEqual(keys.shown, "1234|")
            keys.selection = (1, 3)
            keys.type("0")
            XCTAssertEqual(keys.value, "104")
        }
    }

    func testPositionsOutOfRangeAreTheTextsEnds() {
        for (start, end) in [(-1, Int.max), (Int.min, 1 << 40), (0, 4)] {
            let edited = FieldFormat.number.edited("4111", selection: FieldSelection(start: start, end: end), by: .insert(text: "5"))
            XCTAssertEqual(edited, Edited(text: "5", selection: FieldSelection(caret: 1)))
        }
        XCTAssertEqual(FieldSelection(NSRange(location: 2, length: 3)), FieldSelection(start: 2, end: 5))
        XCTAssertEqual(FieldSelection(start: 2, end: 5).range, NSRange(location: 2, length: 3))
        XCTAssertEqual(FieldSelection(NSRange(location: NSNotFound, length: 0)), FieldSelection(caret: NSNotFound))
    }
}

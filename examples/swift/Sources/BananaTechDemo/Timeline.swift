import Dispatch
import Foundation

/// What is printed: one line per thing that happens, with the milliseconds since the start.
struct Timeline: Sendable {
    private let start = DispatchTime.now().uptimeNanoseconds

    private func line(_ sign: String, _ text: String) {
        let millis = String((DispatchTime.now().uptimeNanoseconds - start) / 1_000_000)
        let pad = String(repeating: " ", count: max(0, 6 - millis.count))
        write("\(pad)\(millis) ms  \(sign.padding(toLength: max(9, sign.count), withPad: " ", startingAt: 0)) \(text)\n")
    }

    /// At once, where `print` waits for more if its output goes into a file.
    private func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    func step(_ what: String) { write("\n\(what)\n") }
    func request(_ text: String) { line("request", text) }
    func answer(_ text: String) { line("  answer", text) }
    func refused(_ text: String) { line("  refused", text) }
    func webhook(_ text: String) { line("  webhook", text) }
    func state(_ text: String) { line("  state", text) }
    func note(_ text: String) { line("", text) }

    func end(_ text: String) {
        write("\n")
        line("done", text)
    }
}

import Foundation

/// Runs one physical card's whole life against the sandbox.
@main
struct Demo {
    static func main() async {
        do {
            try await run(CommandLine.arguments)
        } catch {
            FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) async throws {
        guard arguments.count == 3, arguments[1] == "--sandbox" else {
            throw Failure("usage: \(arguments.first ?? "BananaTechDemo") --sandbox FILE (the sandbox's program)")
        }
        let timeline = Timeline()
        let receiver = try Receiver()
        let sandbox = try Sandbox(program: arguments[2], webhookURL: receiver.url)
        timeline.note("sandbox at \(sandbox.url), webhooks to \(receiver.url)")

        let backend = try Backend(url: sandbox.url, receiver: receiver, timeline: timeline)
        do {
            try await Life(backend: backend, timeline: timeline).run()
        } catch {
            try? sandbox.stop()
            throw error
        }
        try sandbox.stop()
        timeline.end("every step ended as the contract says")
    }
}

/// Something isn't as the contract says.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Ends the demo unless it is so.
func ensure(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws {
    if !condition { throw Failure(otherwise()) }
}

extension Optional {
    /// What has to be there.
    func needed(_ what: String) throws -> Wrapped {
        guard let self else { throw Failure("not there: \(what)") }
        return self
    }
}

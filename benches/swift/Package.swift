// swift-tools-version:6.0
import PackageDescription

// The library with what only benchmarks call: put together by `cargo xtask bench`.
let library = Context.environment["BANANATECH_SWIFT_PACKAGE"] ?? "../../target/measured/BananaTech"

let package = Package(
    name: "Benchmark",
    platforms: [.macOS(.v12)],
    dependencies: [.package(path: library)],
    targets: [
        .executableTarget(name: "Benchmark", dependencies: [.product(name: "BananaTech", package: "BananaTech")])
    ],
    swiftLanguageModes: [.v6]
)

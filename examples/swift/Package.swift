// swift-tools-version:6.0
import PackageDescription

// Where `cargo xtask package` leaves the library, unless told otherwise. SwiftPM calls a package in a folder by that folder's
// name.
let library = Context.environment["BANANATECH_SWIFT_PACKAGE"] ?? "../../target/package/swift/BananaTech"
let name = library.split(separator: "/").last.map(String.init) ?? "BananaTech"

let package = Package(
    name: "BananaTechDemo",
    platforms: [.macOS(.v12)],
    dependencies: [.package(path: library)],
    targets: [
        .executableTarget(
            name: "BananaTechDemo",
            dependencies: [
                .product(name: "BananaTech", package: name),
                .product(name: "BananaTechURLSession", package: name),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)

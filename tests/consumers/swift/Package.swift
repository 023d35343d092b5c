// swift-tools-version:6.0
import PackageDescription

// `cargo xtask test --only packages` says where the package is. With a version, it is a repository that has it as a tag.
let place = Context.environment["BANANATECH_SWIFT_PACKAGE"]!
let library: Package.Dependency =
    if let version = Context.environment["BANANATECH_SWIFT_VERSION"] {
        .package(url: "file://\(place)", exact: Version(version)!)
    } else {
        .package(path: place)
    }

let package = Package(
    name: "Try",
    platforms: [.macOS(.v12)],
    dependencies: [library],
    targets: [.executableTarget(name: "Try", dependencies: [.product(name: "BananaTech", package: "BananaTech")])]
)

// swift-tools-version:6.0
import Foundation
import PackageDescription

// The library comes from Rust: an XCFramework for Apple's platforms where there is one, a library in `lib` otherwise, which is
// this machine's.
#if canImport(Darwin)
    let hasFramework = FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/BananaTechFFI.xcframework")
    let linked: [LinkerSetting] = [.unsafeFlags(["-L\(Context.packageDirectory)/lib"]), .linkedLibrary("bananatech_uniffi")]
#else
    let hasFramework = false
    // `library.c` tells it. SwiftPM takes no package by its version that has unsafe flags.
    let linked: [LinkerSetting] = []
#endif
let library: Target =
    hasFramework
    ? .binaryTarget(name: "BananaTechFFI", path: "BananaTechFFI.xcframework")
    : .target(
        name: "BananaTechFFI",
        path: "BananaTechFFI",
        cSettings: [.define("BANANATECH_LIB", to: "\"\(Context.packageDirectory)/lib\"")],
        linkerSettings: linked
    )

let package = Package(
    name: "BananaTech",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [
        .library(name: "BananaTech", targets: ["BananaTech"]),
        .library(name: "BananaTechURLSession", targets: ["BananaTechURLSession"]),
    ],
    targets: [
        library,
        .target(name: "BananaTech", dependencies: ["BananaTechFFI"]),
        .target(name: "BananaTechURLSession", dependencies: ["BananaTech"]),
    ],
    swiftLanguageModes: [.v6]
)

// The tests aren't shipped: they need the vectors, and a library with functions that only tests call.
if Context.environment["BANANATECH_VECTORS"] != nil {
    package.targets.append(
        .testTarget(name: "BananaTechTests", dependencies: ["BananaTech", "BananaTechURLSession"])
    )
}

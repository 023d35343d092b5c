//! What a caller sees of UniFFI's code. UniFFI makes nearly all of it public, so that crates can build on each other's bindings, and
//! has no setting for it: <https://github.com/mozilla/uniffi-rs/issues/2030>. Only the words before a declaration are changed.

use anyhow::{Context, Result, ensure};

/// How a line begins, and how it begins instead.
type Rule = (&'static str, &'static str);

const KOTLIN: [Rule; 23] = [
    ("public object ", "internal object "),
    ("public interface ", "internal interface "),
    (
        "public typealias FfiConverter",
        "internal typealias FfiConverter",
    ),
    (
        "public fun uniffiEnsureInitialized",
        "internal fun uniffiEnsureInitialized",
    ),
    ("object ", "internal object "),
    ("interface ", "internal interface "),
    ("open class RustBuffer ", "internal open class RustBuffer "),
    (
        "class InternalException",
        "internal class InternalException",
    ),
    // The standard library's is meant.
    (
        "inline fun <T : Disposable?, R> T.use",
        "internal inline fun <T : Disposable?, R> T.use",
    ),
    (
        "    constructor(withHandle:",
        "    internal constructor(withHandle:",
    ),
    (
        "    constructor(noHandle:",
        "    internal constructor(noHandle:",
    ),
    ("    protected val ", "    internal val "),
    (
        "    val uniffiIsDestroyed",
        "    internal val uniffiIsDestroyed",
    ),
    (
        "    fun uniffiCloneHandle",
        "    internal fun uniffiCloneHandle",
    ),
    // A variant that holds nothing would print as an address.
    ("    object ", "    data object "),
    ("open class ", "public class "),
    // For Swift's `Codable`, of which Kotlin has no counterpart.
    (
        "    @Throws(BananaTechException::class) fun `readInquiry`",
        "    @Throws(BananaTechException::class) internal fun `readInquiry`",
    ),
    (
        "    @Throws(BananaTechException::class) fun `readOutcome`",
        "    @Throws(BananaTechException::class) internal fun `readOutcome`",
    ),
    (
        "    @Throws(BananaTechException::class) fun `readTrackedOperation`",
        "    @Throws(BananaTechException::class) internal fun `readTrackedOperation`",
    ),
    (
        "    @Throws(BananaTechException::class) fun `writeOutcome`",
        "    @Throws(BananaTechException::class) internal fun `writeOutcome`",
    ),
    (
        "    @Throws(BananaTechException::class) fun `writeTrackedOperation`",
        "    @Throws(BananaTechException::class) internal fun `writeTrackedOperation`",
    ),
    // `TrackedOperation.state` stands for it.
    (
        "    @Throws(BananaTechException::class) fun `operationState`",
        "    @JvmSynthetic @Throws(BananaTechException::class) internal fun `operationState`",
    ),
    // `Expiry.isExpired` stands for it.
    (
        "    @Throws(BananaTechException::class) fun `isExpired`",
        "    @JvmSynthetic @Throws(BananaTechException::class) internal fun `isExpired`",
    ),
];

const SWIFT: [Rule; 10] = [
    // What reads the library's errors is written by hand, in another file.
    ("fileprivate ", ""),
    ("public struct FfiConverter", "struct FfiConverter"),
    ("public protocol ", "protocol "),
    // `Tracker(json:)` stands for it.
    ("public static func fromJson(", "static func fromJson("),
    ("open class ", "public final class "),
    ("open func ", "public func "),
    ("    public struct NoHandle", "    struct NoHandle"),
    (
        "    required public init(unsafeFromHandle",
        "    init(unsafeFromHandle",
    ),
    ("    public init(noHandle", "    init(noHandle"),
    (
        "    public func uniffiCloneHandle",
        "    func uniffiCloneHandle",
    ),
];

/// Hides UniFFI's own classes and functions.
pub(crate) fn kotlin(text: &str) -> Result<String> {
    Ok(marked(overloaded(&by_rules(text, &KOTLIN)?)))
}

/// Java has no arguments with a default: a function in no class that has some is there without them, too. Kotlin doesn't make that of a
/// class's, whose defaults stand in an interface.
fn overloaded(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let starts = [
            "    @Throws(BananaTechException::class) fun `",
            "         */ fun `",
        ];
        let start = starts.iter().find(|start| line.starts_with(**start));
        match start.filter(|_| line.contains(" = ")) {
            Some(start) => {
                let with = start.replace("fun `", "@JvmOverloads fun `");
                out += &line.replacen(start, &with, 1);
            }
            None => out += line,
        }
        out.push('\n');
    }
    out
}

/// The steps of a backend are for its adapter alone: whoever else uses them has to say that it is meant. In a library without
/// them, nothing is marked.
fn marked(text: String) -> String {
    const DECLARE: [&str; 5] = [
        "public class Backend",
        "sealed class Backend",
        "enum class Backend",
        "data class Backend",
        "    @Throws(BananaTechException::class) fun `backend",
    ];
    let is_step = |line: &str| DECLARE.iter().any(|start| line.starts_with(start));
    if !text.lines().any(is_step) {
        return text;
    }
    let mut out = String::new();
    for line in text.lines() {
        if line.starts_with("package ") {
            out += "@file:OptIn(BackendInternals::class)\n\n";
        } else if is_step(line) {
            out += "@BackendInternals\n";
        }
        out += line;
        out.push('\n');
    }
    out + "
/** The steps of a backend, for the artifact `bananatech-backend` alone: use its `Backend`. They may change with each version. */
@RequiresOptIn(\"The steps of a backend are for the artifact bananatech-backend alone: use its Backend.\")
@Retention(AnnotationRetention.BINARY)
public annotation class BackendInternals
"
}

/// The same, and the functions that belong to no type: the package has them where Swift looks for them.
pub(crate) fn swift(text: &str) -> Result<String> {
    let mut depth = 0_usize;
    let mut out = String::new();
    for line in by_rules(text, &SWIFT)?.lines() {
        // A method isn't indented either.
        let hidden = line.strip_prefix("public ");
        let hidden = hidden.filter(|rest| depth == 0 && rest.starts_with("func "));
        // Who has the tracker's rows stored may leave a report unused, and how many operations were forgotten.
        let is_report =
            line.contains("-> Report ") || line.starts_with("public func forgetBefore(");
        if line.starts_with("public func ") && is_report {
            out += "@discardableResult\n";
        }
        out += hidden.unwrap_or(line);
        out.push('\n');
        // Braces in documentation don't count. Code may follow the end of a comment on its line.
        let code = match line.split_once("*/") {
            Some((_, code)) => code,
            None if line.trim_start().starts_with(['*', '/']) => "",
            None => line,
        };
        depth += code.matches('{').count();
        let ended = code.matches('}').count();
        depth = depth.checked_sub(ended).context("a brace too many")?;
    }
    ensure!(depth == 0, "a brace too few");
    Ok(out)
}

fn by_rules(text: &str, rules: &[Rule]) -> Result<String> {
    for (from, _) in rules {
        let is_there = text.lines().any(|line| line.starts_with(from));
        ensure!(is_there, "UniFFI's code looks different: no `{from}`");
    }
    let mut out = String::new();
    for line in text.lines() {
        let changed = rules.iter().find_map(|(from, to)| {
            let rest = line.strip_prefix(from)?;
            Some(format!("{to}{rest}"))
        });
        out += changed.as_deref().unwrap_or(line);
        out.push('\n');
    }
    Ok(out)
}

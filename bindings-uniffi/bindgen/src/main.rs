//! Generates the Kotlin or Swift sources: `bananatech-uniffi-bindgen kotlin LIBRARY DIR`. UniFFI's own come from the built
//! library; what it can't express (a call for each operation, the codes of errors, the API's words) from the core's sources. Those of the
//! JVM's backend need no library: `bananatech-uniffi-bindgen kotlin-backend DIR`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use bananatech_core::{OperationKind, TrackedKind};
use syn::{Expr, Fields, Lit, Variant};
use uniffi::{GenerateOptions, TargetLanguage};

use source::{Source, local_name};

mod shown;
#[path = "../../source.rs"]
mod source;

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let core = Core::read()?;
    let [language, library, to] = match arguments.as_slice() {
        [language, to] if language == "kotlin-backend" => {
            let folder = Path::new(to).join("space/bananatech/backend");
            fs::create_dir_all(&folder)?;
            return Ok(fs::write(
                folder.join("CardBackend.kt"),
                core.kotlin_backend()?,
            )?);
        }
        [language, library, to] => [language, library, to],
        _ => bail!("bananatech-uniffi-bindgen kotlin|swift LIBRARY DIR, or kotlin-backend DIR"),
    };
    let (target, folder, beside) = match language.as_str() {
        "kotlin" => (TargetLanguage::Kotlin, "space/bananatech", core.kotlin()?),
        "swift" => (TargetLanguage::Swift, "", core.swift()?),
        _ => bail!("neither kotlin nor swift"),
    };
    let names = format!("{to}/names.toml");
    fs::write(&names, core.kotlin_names())?;
    uniffi::generate(GenerateOptions {
        languages: vec![target],
        source: library.into(),
        out_dir: to.into(),
        config_override: Some((&*names).into()),
        ..GenerateOptions::default()
    })?;
    fs::remove_file(names)?;
    let folder = Path::new(to).join(folder);
    if language == "kotlin" {
        let file = folder.join("bananatech.kt");
        let text = shown::kotlin(&mended(&fs::read_to_string(&file)?)?)?;
        fs::write(folder.join("Builders.kt"), core.builders(&text)?)?;
        fs::write(file, text)?;
    } else {
        let file = folder.join("BananaTech.swift");
        fs::write(&file, shown::swift(&fs::read_to_string(&file)?)?)?;
    }
    for (name, text) in beside {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}

/// Half of a character in a text comes out as an exception of Java's that no function names, and ends an app that has caught ours.
/// UniFFI means it so: <https://github.com/mozilla/uniffi-rs/pull/1602>.
fn mended(text: &str) -> Result<String> {
    let encode = "            encode(CharBuffer.wrap(value))\n";
    ensure!(
        text.matches(encode).count() == 1,
        "UniFFI's Kotlin looks different: no `{encode}`"
    );
    let ours = "            try {
                encode(CharBuffer.wrap(value))
            } catch (_: java.nio.charset.CharacterCodingException) {
                throw loneSurrogate()
            }\n";
    Ok(text.replace(encode, ours))
}

/// What the core's sources declare.
struct Core(Source);

/// Whom an operation names, which a backend asks of a plan from elsewhere.
const NAMED: [(&str, &str); 2] = [
    (
        "UserId",
        "The user that it names, if it names one: may whoever planned it act for this user?",
    ),
    (
        "CardId",
        "The card that it names, if it names one: may whoever planned it act with this card?",
    ),
];

/// An operation, by its name in each place.
struct Operation {
    name: String,
    docs: String,
    /// What its answer holds.
    response: String,
    /// What its pages hold, if its answer comes in pages.
    record: Option<String>,
}

impl Core {
    fn read() -> Result<Self> {
        let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core");
        Ok(Self(Source::read(&core)?))
    }

    fn variants(&self, name: &str) -> Result<impl Iterator<Item = &Variant>> {
        let found = self.0.enums.get(name);
        let found = found.with_context(|| format!("the core has no enum `{name}`"))?;
        Ok(found.variants.iter())
    }

    /// Each variant's name, the word that stands for it, and its documentation.
    fn words(&self, name: &str) -> Result<Vec<(String, String, String)>> {
        let words = self.variants(name)?.map(|variant| {
            let word = word(variant).context("a variant without a word")?;
            Ok((variant.ident.to_string(), word, self.0.docs(&variant.attrs)))
        });
        words.collect()
    }

    fn operations(&self, name_of: fn(&str) -> String) -> Result<Vec<Operation>> {
        let operations = self.variants("AnyResponse")?.map(|variant| {
            let name = variant.ident.to_string();
            let request = self
                .0
                .structs
                .get(&name)
                .context("an operation without a request")?;
            let response = held(variant);
            Ok(Operation {
                docs: self.0.docs(&request.attrs),
                record: response.strip_suffix("Page").map(name_of),
                response: name_of(&response),
                name,
            })
        });
        operations.collect()
    }

    /// The operations that name a user or a card.
    fn naming(&self, id: &str) -> Result<Vec<String>> {
        let names = self
            .variants("AnyOperation")?
            .map(|variant| variant.ident.to_string());
        let has = |name: &String| {
            let fields = self.0.structs.get(name).map(|item| &item.fields);
            fields.is_some_and(|fields| {
                fields.iter().any(|field| {
                    field
                        .ident
                        .as_ref()
                        .is_some_and(|ident| *ident == constant(id).to_lowercase())
                })
            })
        };
        Ok(names.filter(has).collect())
    }

    /// The operations that an event confirms.
    fn confirmed() -> BTreeSet<String> {
        let kinds = TrackedKind::ALL.iter();
        kinds
            .map(|kind| format!("{:?}", kind.operation()))
            .collect()
    }

    /// Kotlin has no values without a name: what a variant holds would be called v1. What uniffi.toml says counts more.
    fn kotlin_names(&self) -> String {
        let mut out = String::from("[defaults.bindings.kotlin.rename]\n");
        for (name, item) in &self.0.enums {
            let unnamed = |variant: &&Variant| matches!(variant.fields, Fields::Unnamed(_));
            for variant in item.variants.iter().filter(unnamed) {
                let held = match name.as_str() {
                    "Event" => "data".to_owned(),
                    "AnyOperation" => "operation".to_owned(),
                    "AnyResponse" => "response".to_owned(),
                    _ => lower(&held(variant)),
                };
                out += &format!("\"{name}.{}.\" = \"{held}\"\n", variant.ident);
            }
        }
        for name in &self.0.open {
            out += &format!("\"{name}.Other.\" = \"word\"\n");
        }
        out
    }

    /// Java knows no defaults of arguments: what a caller makes is built there field by field. What has which default is told by
    /// UniFFI's own Kotlin.
    fn builders(&self, generated: &str) -> Result<String> {
        const OTHERS: [&str; 11] = [
            "Assumptions",
            "CardState",
            "CardTemplate",
            "ExpiryRules",
            "KycData",
            "MerchantKey",
            "MerchantOptions",
            "NumberRules",
            "PinContext",
            "PinRules",
            "TrackedOperation",
        ];
        let operations = self.variants("AnyOperation")?.map(held);
        // What a test has come. Some events are raw JSON.
        let events = self.variants("Event")?.map(held);
        let events = events.filter(|name| name != "Json");
        let others = OTHERS.map(str::to_owned);
        let made: BTreeSet<String> = operations.chain(events).chain(others).collect();
        let mut out = String::from("package space.bananatech\n\nimport java.time.YearMonth\n");
        for name in made {
            let (_, class) = generated
                .split_once(&format!("\ndata class {name} (\n"))
                .with_context(|| format!("UniFFI's Kotlin has no class {name}"))?;
            let (fields, _) = class.split_once("\n)").context("a class without an end")?;
            let fields = fields.lines().filter_map(|line| {
                let (name, rest) = line.trim().strip_prefix("val `")?.split_once("`: ")?;
                Some((
                    name,
                    rest.split_once(" = ").map_or(rest, |(ty, _)| ty),
                    rest.contains(" = "),
                ))
            });
            let (free, needed): (Vec<_>, Vec<_>) =
                fields.partition(|(_, _, has_default)| *has_default);
            if free.is_empty() {
                continue;
            }
            let all = |each: fn(&str, &str) -> String| {
                needed
                    .iter()
                    .map(|(name, ty, _)| each(name, ty))
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            let (parameters, arguments) = (
                all(|name, ty| format!("{name}: {ty}")),
                all(|name, _| format!("{name} = {name}")),
            );
            let setters: String = free
                .iter()
                .map(|(field, ty, _)| {
                    // Java makes no `Long` of a literal such as 2.
                    let ty = if *ty == "kotlin.Long?" { "kotlin.Long" } else { ty };
                    format!(
                        "
    /** Sets [{name}.{field}]. */
    public fun {field}({field}: {ty}): {name}Builder = apply {{ made = made.copy({field} = {field}) }}
"
                    )
                })
                .collect();
            out += &format!(
                "
/** Builds [{name}] in Java, which has no arguments with a name or a default. */
public class {name}Builder({parameters}) {{
    private var made = {name}({arguments})
{setters}
    /** What was built. */
    public fun build(): {name} = made
}}
"
            );
        }
        Ok(out)
    }

    fn kotlin(&self) -> Result<[(&'static str, String); 3]> {
        let mut codes = String::from(
            "package space.bananatech

/** Which rule was broken: a stable text, as `pin.length`. Codes may be added, so keep an `else` branch. */
public data class ErrorCode(public val value: String) : java.io.Serializable {
    override fun toString(): String = value

    public companion object {
        private const val serialVersionUID: Long = 1

",
        );
        for (name, text, docs) in self.codes()? {
            let (docs, name) = (kotlin_comment(&docs, "        "), constant(&name));
            codes += &format!(
                "{docs}        @JvmField public val {name}: ErrorCode = ErrorCode(\"{text}\")\n\n"
            );
        }
        codes += "    }\n}\n";

        let mut words = String::from("@file:JvmName(\"Words\")\n\npackage space.bananatech\n");
        for name in &self.0.open {
            let known = self.words(name)?.into_iter();
            let known = known.map(|(word, text, _)| format!("{name}.{word} -> \"{text}\""));
            let cases = known.chain([format!("is {name}.Other -> word")]);
            words += &kotlin_property("The API's word.", &format!("{name}.word: String"), cases);
        }
        let names = self.words("OperationKind")?.into_iter();
        let names =
            names.map(|(name, text, _)| format!("OperationKind.{} -> \"{text}\"", constant(&name)));
        let about = "The operation's name: `card.recharge`.";
        words += &kotlin_property(about, "OperationKind.operationName: String", names);

        let operations = self.operations(str::to_owned)?;
        let kinds = operations.iter().map(|Operation { name, .. }| {
            format!("is AnyOperation.{name} -> OperationKind.{}", constant(name))
        });
        let kinds = kotlin_property(
            "Which operation it is.",
            "AnyOperation.kind: OperationKind",
            kinds,
        );
        let mut calls =
            format!("@file:JvmName(\"Operations\")\n\npackage space.bananatech\n{kinds}");
        for (id, docs) in NAMED {
            let names = self.naming(id)?.into_iter();
            let cases =
                names.map(|name| format!("is AnyOperation.{name} -> operation.{}", lower(id)));
            let cases = cases.chain(["else -> null".to_owned()]);
            calls += &kotlin_property(docs, &format!("AnyOperation.{}: {id}?", lower(id)), cases);
        }
        let confirmed = Self::confirmed();
        for operation in &operations {
            let Operation {
                name,
                docs,
                response,
                record,
            } = operation;
            let (class, store) = if confirmed.contains(name) {
                let store =
                    " Store [ConfirmedCall.tracked] in the [Tracker], and that, before it is sent.";
                ("ConfirmedCall", store)
            } else {
                ("Call", "")
            };
            let call = kotlin_comment(
                &format!(
                    "{docs}

@param iv For tests: 16 bytes in place of randomness.
@return The call: send its request once, and give the answer to [Call.read].{store}"
                ),
                "",
            );
            let plan =
                format!("{docs}\n\n@return The plan, made without a key, for a backend to seal.");
            let plan = kotlin_comment(&plan, "");
            calls += &format!(
                "
{call}@JvmOverloads
@Throws(BananaTechException::class)
public fun Merchant.call(operation: {name}, iv: ByteArray? = null): {class}<{response}> =
    {class}(this, AnyOperation.{name}(operation), iv) {{ (it as AnyResponse.{name}).response }}

{plan}@Throws(BananaTechException::class)
public fun plan(operation: {name}): Plan = plan(AnyOperation.{name}(operation))
"
            );
            if let Some(record) = record {
                calls += &format!(
                    "
/**
 * Goes through all pages of a list, from its `skip` on, with `limit` records to a page (10 if it has none).
 *
 * @param send Sends a call's request, and answers what [Call.read] does.
 * @return The records; each page is asked for when those before it are used up, and after the last one `end` tells how the list ended. It throws
 * what `send` throws.
 */
public fun Merchant.pages(list: {name}, send: PageSender<{response}>): Records<{record}> =
    walk(list).records(send)

/** The same list's pages one by one, for who sends otherwise. */
@Throws(BananaTechException::class)
public fun Merchant.walk(list: {name}): PageWalk<{response}, {record}> = PageWalk(
    this, AnyOperation.{name}(list), {{ (it as AnyResponse.{name}).response }}, {{ AnyResponse.{name}(it) }}, {{ it.data }},
)
"
                );
            }
        }
        Ok([
            ("ErrorCode.kt", codes),
            ("Words.kt", words),
            ("Operations.kt", calls),
        ])
    }

    /// What an application calls of a backend: `CardBackend`, and for threads that may wait `CardBackendBlocking`.
    fn kotlin_backend(&self) -> Result<String> {
        let mut out = String::from(
            "package space.bananatech.backend

import java.io.IOException
import java.sql.SQLException
import space.bananatech.*
",
        );
        let operations = self.operations(str::to_owned)?;
        for class in ["Backend", "BackendBlocking"] {
            out += &backend_interface(class, &operations);
        }
        Ok(out)
    }

    fn swift(&self) -> Result<[(&'static str, String); 3]> {
        let mut codes = String::from("extension ErrorCode {\n");
        for (name, text, docs) in self.codes()? {
            let docs: String = docs
                .lines()
                .map(|line| format!("    /// {line}\n"))
                .collect();
            let name = lower(&name);
            codes += &format!(
                "{docs}    public static let {name} = ErrorCode(rawValue: \"{text}\")\n\n"
            );
        }
        codes += "}\n";

        let mut words = String::new();
        let about = "The API's word. Two are equal if their words are.";
        for name in &self.0.open {
            words += &swift_words(name, about, &self.words(name)?, true);
        }
        let about = "The operation's name: `card.recharge`.";
        let names = self.words("OperationKind")?;
        words += &swift_words("OperationKind", about, &names, false);
        let about = "Whether it only asks: sent twice, it does no harm.";
        let asks = OperationKind::ALL
            .iter()
            .map(|kind| format!(".{}: {}", lower(&format!("{kind:?}")), kind.is_question()));
        words += &swift_property("OperationKind", about, "isQuestion: Bool", asks);

        // Swift's own frameworks have some names already, as uniffi.toml says.
        let operations = self.operations(|name| match name {
            "Transaction" | "TransactionPage" => format!("Card{name}"),
            _ => name.to_owned(),
        })?;
        let kinds = operations
            .iter()
            .map(|Operation { name, .. }| format!(".{0}: .{0}", lower(name)));
        let mut calls = swift_property(
            "AnyOperation",
            "Which operation it is.",
            "kind: OperationKind",
            kinds,
        );
        for (id, docs) in NAMED {
            let names = self.naming(id)?.into_iter();
            let cases = names.map(|name| {
                let name = lower(&name);
                format!(".{name}(let operation): operation.{}", lower(id))
            });
            let cases = cases.chain(["_: nil".to_owned()]);
            let property = format!("{}: {id}?", lower(id));
            calls += &swift_property("AnyOperation", docs, &property, cases);
        }
        let confirmed = OperationKind::ALL.iter().filter(|kind| kind.is_confirmed());
        let confirmed: BTreeSet<String> = confirmed.map(|kind| format!("{kind:?}")).collect();
        let mut pages = BTreeSet::new();
        for Operation {
            name,
            response,
            record,
            ..
        } in &operations
        {
            let case = lower(name);
            let (protocol, paged) = match record {
                Some(_) => (
                    "PagedOperation",
                    format!(
                        "\n\n    public static func any(_ response: {response}) -> AnyResponse {{ .{case}(response) }}"
                    ),
                ),
                None if confirmed.contains(name) => ("ConfirmedOperation", String::new()),
                None => ("TypedOperation", String::new()),
            };
            pages.extend(
                record
                    .as_ref()
                    .map(|_| format!("extension {response}: RecordPage {{}}\n")),
            );
            calls += &format!(
                "extension {name}: {protocol} {{
    public var any: AnyOperation {{ .{case}(self) }}

    public static func typed(_ response: AnyResponse) -> {response}? {{
        if case .{case}(let response) = response {{ response }} else {{ nil }}
    }}{paged}
}}

"
            );
        }
        calls.extend(pages);
        Ok([
            ("ErrorCode.swift", codes),
            ("Words.swift", words),
            ("Operations.swift", calls),
        ])
    }

    /// All codes of errors; one is the binding's own, since the core needs no randomness.
    fn codes(&self) -> Result<Vec<(String, String, String)>> {
        let mut codes = self.words("Code")?;
        let own = [
            "NoRandomness",
            "randomness.unavailable",
            "The platform has no random bytes.",
        ];
        codes.push(own.map(str::to_owned).into());
        Ok(codes)
    }
}

/// The interface of a class of the JVM's backend, with the functions that a program calls of it. What it sends and asks it takes by
/// type, too.
fn backend_interface(class: &str, operations: &[Operation]) -> String {
    const REFUSED: &str = "BananaTechException::class, SQLException::class";
    const ASKED: &str = "BananaTechException::class, SQLException::class, IOException::class";
    const CALLED: [(&str, &str, &str); 8] = [
        ("send(plan: Plan, reference: String)", "Sent", REFUSED),
        ("ask(plan: Plan)", "AnyResponse", ASKED),
        ("inquire(id: OperationId)", "TrackedOperation?", REFUSED),
        ("cancel(id: OperationId)", "TrackedOperation?", REFUSED),
        (
            "operation(id: OperationId)",
            "TrackedOperation?",
            "SQLException::class",
        ),
        (
            "operationByReference(reference: String)",
            "TrackedOperation?",
            "SQLException::class",
        ),
        (
            "operationsOf(cardId: CardId)",
            "List<TrackedOperation>",
            REFUSED,
        ),
        ("card(id: CardId)", "CardState?", REFUSED),
    ];
    let declared = |docs: &str, throws: &str, signature: &str, body: &str| {
        let docs = kotlin_comment(docs, "    ");
        // Java has to know what they throw.
        let function = match class {
            "Backend" => "public suspend fun".to_owned(),
            _ => format!("@Throws({throws})\n    public fun"),
        };
        format!("\n{docs}    {function} {signature} =\n        {body}\n")
    };
    let mut out = format!(
        "
/**
 * What a program calls of a [{class}]: it sends operations, asks, and sees what became of an operation. A class that takes this in place of a
 * [{class}] can be tested with a fake. A fake has the functions that the test needs; the others throw [UnsupportedOperationException].
 */
public interface Card{class} {{"
    );
    for (signature, answer, throws) in CALLED {
        let name = signature.split('(').next().unwrap_or_default();
        out += &declared(
            &format!("As [{class}.{name}]."),
            throws,
            &format!("{signature}: {answer}"),
            &format!("throw UnsupportedOperationException(\"{name}\")"),
        );
    }
    // The fee says the least that may arrive, which a fake needn't know.
    let by_template = |operation: &str| {
        format!("send({operation}, reference: String, template: CardTemplate, fee: Fee): Sent")
    };
    out += &declared(
        &format!("As [{class}.send]. A fake that has only the shorter one is asked by that."),
        REFUSED,
        &by_template("plan: Plan"),
        "send(plan, reference)",
    );
    let confirmed = Core::confirmed();
    for Operation {
        name,
        docs,
        response,
        ..
    } in operations
    {
        if !confirmed.contains(name) {
            out += &declared(
                &format!("{docs}\n\nAs [{class}.ask] with its plan."),
                ASKED,
                &format!("ask(operation: {name}): {response}"),
                &format!("(ask(plan(operation)) as AnyResponse.{name}).response"),
            );
            continue;
        }
        let docs = format!("{docs}\n\nAs [{class}.send] with its plan.");
        out += &declared(
            &docs,
            REFUSED,
            &format!("send(operation: {name}, reference: String): Sent"),
            "send(plan(operation), reference)",
        );
        if name == "Recharge" {
            out += &declared(
                &docs,
                REFUSED,
                &by_template("operation: Recharge"),
                "send(plan(operation), reference, template, fee)",
            );
        }
    }
    out + "}\n"
}

fn kotlin_comment(docs: &str, indent: &str) -> String {
    let lines = docs.lines().map(|line| format!("{indent} * {line}"));
    let lines: String = lines
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect();
    format!("{indent}/**\n{lines}{indent} */\n")
}

/// A property of an enum, by its cases.
fn kotlin_property(docs: &str, name: &str, cases: impl Iterator<Item = String>) -> String {
    let cases: String = cases.map(|case| format!("        {case}\n")).collect();
    format!("\n/** {docs} */\npublic val {name}\n    get() = when (this) {{\n{cases}    }}\n")
}

/// The same.
fn swift_property(of: &str, docs: &str, name: &str, cases: impl Iterator<Item = String>) -> String {
    let cases: String = cases.map(|case| format!("        case {case}\n")).collect();
    format!(
        "extension {of} {{
    /// {docs}
    public var {name} {{
        switch self {{
{cases}        }}
    }}
}}

"
    )
}

/// Makes an enum `RawRepresentable` by its words. An open one takes any word, and is `Codable` as the core's JSON has it: as its word. A closed one
/// isn't: the error of Swift's own `Codable` repeats what was given.
fn swift_words(of: &str, docs: &str, words: &[(String, String, String)], is_open: bool) -> String {
    let (mut told, mut read) = (String::new(), String::new());
    for (name, word, _) in words {
        let case = lower(name);
        told += &format!("        case .{case}: \"{word}\"\n");
        read += &format!("        case \"{word}\": self = .{case}\n");
    }
    let (protocols, init, otherwise, about) = if is_open {
        told += "        case .other(let word): word\n";
        let about = "What a word of the API says: ``other(_:)`` for one that isn't known.";
        let protocols = "RawRepresentable, Codable";
        (protocols, "init", "self = .other(rawValue)", about)
    } else {
        let about = "The one of that name; nil if there is none.";
        ("RawRepresentable", "init?", "return nil", about)
    };
    format!(
        "extension {of}: {protocols} {{
    /// {about}
    public {init}(rawValue: String) {{
        switch rawValue {{
{read}        default: {otherwise}
        }}
    }}

    /// {docs}
    public var rawValue: String {{
        switch self {{
{told}        }}
    }}
}}

"
    )
}

/// The name of the type that a variant holds.
fn held(variant: &Variant) -> String {
    variant
        .fields
        .iter()
        .map(|field| local_name(&field.ty))
        .collect()
}

/// The word that stands for a variant.
fn word(variant: &Variant) -> Option<String> {
    match &variant.discriminant {
        Some((_, Expr::Lit(literal))) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// With a small first letter.
fn lower(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// `CONSTANT_CASE` of `CamelCase`.
fn constant(name: &str) -> String {
    let letters = name.char_indices().flat_map(|(at, letter)| {
        let gap = (at > 0 && letter.is_ascii_uppercase()).then_some('_');
        gap.into_iter().chain([letter.to_ascii_uppercase()])
    });
    letters.collect()
}

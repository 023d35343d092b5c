package com.bananatech

import com.fasterxml.jackson.databind.DeserializationFeature
import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.node.ObjectNode
import com.fasterxml.jackson.databind.json.JsonMapper
import java.io.File
import org.junit.jupiter.api.Assertions.assertTrue

/** Exact numbers: with their scale, and of any size. */
internal val json: JsonMapper = JsonMapper.builder()
    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
    .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
    .build()

internal fun JsonNode.text(name: String): String = get(name).textValue()

/** The cases of a file of vectors, each under its name. */
internal fun eachCase(file: String, check: (JsonNode) -> Unit): Int {
    val cases = json.readTree(File(System.getProperty("bananatech.vectors"), "$file.json")).get("cases")
    assertTrue(cases.size() > 0)
    for (case in cases) {
        try {
            check(case)
        } catch (error: Throwable) {
            throw AssertionError("$file.json: ${case.text("name")}", error)
        }
    }
    println("$file.json: ${cases.size()} cases")
    return cases.size()
}

internal fun merchant(key: String = "webhook-test-key-of-32-bytes-000", codec: KeyCodec = KeyCodec.UTF8) =
    Merchant("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10", "https://api.example", "2026-11", Redacted(key), codec)

internal fun codec(name: String) = KeyCodec.valueOf(name.uppercase())

internal val BananaTechException.code: String
    get() = when (this) {
        is BananaTechException.InvalidInput -> code
        is BananaTechException.Rejected -> code
        is BananaTechException.NotAuthentic -> code
        is BananaTechException.Unexpected -> code
        is BananaTechException.NoRandomness -> "no_randomness"
    }

package space.bananatech

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.node.ObjectNode
import java.io.File
import java.time.Instant
import java.util.UUID
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/**
 * What is certain of operations, against the vectors. A tracker draws `seq` itself, and its state is JSON: so each event is taken in by
 * one whose last `seq` is the one before the event's. What was said becomes the state's `things`, with no operation in sight, and then
 * the operations are put beside them and judged.
 */
class TrackingVectorsTest {
    private val merchant = merchant()

    @Test
    fun tracking() = merchant.use {
        val cases = mapper.readTree(File(System.getProperty("bananatech.vectors"), "tracking.json")).get("cases")
        for (case in cases) {
            try {
                check(History(case.get("history")), case.get("expect"))
            } catch (error: Throwable) {
                throw AssertionError("tracking.json: ${case.text("name")}", error)
            }
        }
        assertEquals(67, cases.size())
        println("tracking.json: ${cases.size()} cases")
    }

    private fun check(history: History, expect: JsonNode) {
        val judged = history.judged()
        val claims = expect.get("claims").properties().associate { (id, claim) -> id to claim.textValue() }
        assertEquals(claims, judged.mapValues { it.value.claim })
        for (row in judged.values) {
            val words = mapOf("S" to OperationState.SUCCEEDED, "F" to OperationState.FAILED)
            if (!row.contradicted && !row.doubted) assertEquals(words[row.claim] ?: OperationState.OPEN, row.state)
        }
        val byCount = expect.get("by_count")?.map { it.textValue() }.orEmpty().toSet()
        assertEquals(byCount, judged.filterValues { it.byCount }.keys)
        expect.get("cards")?.let { cards ->
            val made = judged.filterValues { it.kind == TrackedKind.APPLY || it.kind == TrackedKind.ASSIGN }
            val expected = cards.properties().associate { (id, these) -> id to these.map { it.longValue() }.toSet() }
            assertEquals(expected, made.mapValues { made -> made.value.cards.map { it.value }.toSet() })
        }
        expect.get("note_found")?.let { note ->
            assertEquals(note.text("answer").substringBefore(": S"), history.noted(note.text("op"), note.get("found")))
        }
    }

    private val TrackedOperation.claim: String
        get() = when (outcome) {
            // That the event of what was withdrawn came is said aloud, and isn't asked for here.
            null -> if (contradicted) "!" else "?"
            else -> when {
                contradicted && !withdrawn -> "!"
                doubted -> "?"
                outcome is Outcome.Succeeded -> "S"
                else -> "F"
            }
        }

    private inner class History(private val history: JsonNode) {
        private val operations = history.get("ops").toList()
        private val assumptions = history.get("cfg").let { cfg ->
            Assumptions(
                exclusiveSince = Instant.ofEpochMilli(cfg.get("since").longValue()).takeIf { cfg.get("exclusive").booleanValue() },
                clockToleranceMs = cfg.get("tol").longValue(),
                trustType = cfg.get("trust_type").booleanValue(),
            )
        }

        /** A history's name of an operation, as a UUID. */
        private fun id(name: String) = UUID(0, operations.indexOfFirst { it.text("id") == name }.toLong())

        fun judged(): Map<String, TrackedOperation> = operations.associate { operation ->
            val name = operation.text("id")
            name to tracker().use { it.look(id(name)) }
        }

        /** What is said to one who found something out, in the vectors' words. */
        fun noted(name: String, found: JsonNode): String = tracker().use { tracker ->
            for (operation in operations) tracker.look(id(operation.text("id")))
            val card = found.get("card")?.let { CardId(it.longValue()) }
            val outcome = if (found.text("outcome") == "S") Outcome.Succeeded(card) else Outcome.Failed(null)
            try {
                val report = tracker.find(id(name), outcome, Instant.EPOCH, found.get("tx")?.let { TransactionId(it.longValue()) })
                if (report.verdict == Verdict.AlreadyEnded) "already ended" else "noted"
            } catch (error: BananaTechException) {
                when (error.code) {
                    ErrorCode.TRACKING_UNKNOWN -> "refused: no such operation"
                    ErrorCode.TRACKING_OWNED -> "refused: it has an owner"
                    else -> "refused: no explanation has it"
                }
            }
        }

        /** Judges an operation anew, by saying of it what changes nothing. */
        private fun Tracker.look(id: UUID): TrackedOperation {
            acknowledge(id, answerTo(operation(id)!!.kind))
            return operation(id)!!
        }

        /** What an operation of a kind is answered. The id in it takes no part. */
        private fun answerTo(kind: TrackedKind): AnyResponse = when (kind) {
            TrackedKind.REGISTER -> AnyResponse.Register(Registered())
            TrackedKind.APPLY -> AnyResponse.Apply(Applied())
            TrackedKind.ASSIGN -> AnyResponse.Assign(Assigned(CardId(1)))
            TrackedKind.RECHARGE -> AnyResponse.Recharge(Acknowledgement())
            TrackedKind.ACTIVATE, TrackedKind.LOCK, TrackedKind.UNLOCK, TrackedKind.CLOSE -> AnyResponse.UpdateStatus(Acknowledgement())
        }

        /** A tracker that has the whole history, not yet judged. */
        private fun tracker(): Tracker {
            val state = state(assumptions)
            val things = things()
            for (name in history.get("foreign")) {
                (things.single { it.get("id") == name } as ObjectNode).put("foreign", true)
            }
            state.putArray("things").addAll(things)
            state.putArray("operations").addAll(operations.map(::row))
            return Tracker.fromJson(state.toString())
        }

        /** A tracker's state in which nothing happened yet. */
        private fun state(assumptions: Assumptions) = Tracker(assumptions).use { mapper.readTree(it.toJson()) as ObjectNode }

        /** The things of a history, as they are with no operation in sight. */
        private fun things(): List<JsonNode> {
            var state = state(assumptions.copy(exclusiveSince = null))
            fun take(seq: JsonNode, operation: JsonNode?, work: (Tracker) -> Unit) {
                state.put("seq", seq.longValue() - 1)
                state.putArray("operations").apply { operation?.let(::add) }
                state = Tracker.fromJson(state.toString()).use {
                    work(it)
                    mapper.readTree(it.toJson()) as ObjectNode
                }
            }
            for (event in history.get("events").sortedBy { it.get("seq").longValue() }) {
                val delivery = merchant.receive(merchant.testWebhook(event.text("type"), Redacted(event.get("data").toString())))
                take(event.get("seq"), null) { it.receive(delivery) }
            }
            for (record in history.get("records")) {
                val inquiry = inquiry(record)
                // It is asked about an operation that nothing is ever of.
                val asker = asker(record).put("withdrawn", true)
                asker.putObject("outcome").put("kind", "failed")
                take(record.get("seq"), asker) { it.learn(inquiry) }
            }
            return state.get("things").onEach { (it as ObjectNode).remove(listOf("owner", "done")) }.toList()
        }

        /** The answer to an inquiry: a list with one line. */
        private fun inquiry(record: JsonNode): Inquiry {
            val time = Instant.ofEpochMilli(record.get("time").longValue())
            val line = mapper.createObjectNode()
            line.set<JsonNode>("id", record.get("tx"))
            for (name in listOf("card_id" to "card", "amount" to "amount", "status" to "status")) {
                line.set<JsonNode>(name.first, record.get(name.second))
            }
            // A list shows whole seconds; the one that may have begun is added.
            line.put("type", "RECHARGE").put("created_at", time.minusSeconds(1).toString())
            val answer = readResponse(OperationKind.GET_TRANSACTIONS, Redacted("""{"data":[$line],"total":1}"""))
            val state = state(assumptions)
            state.putArray("operations").add(asker(record))
            return Tracker.fromJson(state.toString()).use { it.overdue(time).single() }.accept(answer, time)
        }

        private fun asker(record: JsonNode): ObjectNode = mapper.createObjectNode()
            .put("id", UUID(0, Long.MAX_VALUE).toString()).put("kind", "recharge").put("user_id", 1).put("amount", "1")
            .put("sent_at", 0).put("ask_at", 0).set("card_id", record.get("card"))

        /** An operation's row, and what was found out about it. */
        private fun row(operation: JsonNode): ObjectNode {
            val row = mapper.createObjectNode().put("id", id(operation.text("id")).toString())
            val names = listOf(
                "kind" to "kind", "seq" to "seq", "sent_at" to "sent", "ask_at" to "sent", "user_id" to "user", "card_id" to "card",
                "template_id" to "template", "amount" to "amount", "least" to "least", "until" to "until", "refused" to "refused",
                "withdrawn" to "withdrawn", "is_final" to "final",
            )
            for ((ours, theirs) in names) operation.get(theirs)?.let { row.set<JsonNode>(ours, it) }
            operation.get("found")?.let { found ->
                val known = row.putObject("found").put("succeeded", found.text("outcome") == "S")
                found.get("tx")?.let { known.set<JsonNode>("transaction_id", it) }
                found.get("card")?.let { known.set<JsonNode>("card_id", it) }
            }
            return row
        }
    }
}

import com.sun.net.httpserver.HttpServer
import java.net.URI
import java.nio.file.Path
import java.time.Instant
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.sqlite.SQLiteDataSource
import space.bananatech.Apply
import space.bananatech.Assumptions
import space.bananatech.Merchant
import space.bananatech.MerchantOptions
import space.bananatech.Notice
import space.bananatech.Redacted
import space.bananatech.TemplateId
import space.bananatech.TrackedOperation
import space.bananatech.UserId
import space.bananatech.backend.Backend
import space.bananatech.backend.Sqlite
import space.bananatech.backend.word
import space.bananatech.exclusiveSince

/**
 * A backend on one machine, until it is cancelled.
 *
 * @param merchantId the Merchant-ID, [baseUrl] the API's address, and [secretKey] the Secret Key, all from the onboarding data.
 * @param file the database.
 * @param webhooks a server of yours that takes BananaTech's webhooks.
 * @param since only this backend acts for these cards since then.
 * @param book does what follows from an outcome.
 * @param alert calls a person.
 */
suspend fun runBackend(
    merchantId: String,
    baseUrl: URI,
    secretKey: Redacted,
    file: Path,
    webhooks: HttpServer,
    since: Instant,
    book: suspend (TrackedOperation) -> Unit,
    alert: suspend (Notice) -> Unit,
): Unit = coroutineScope {
    val (userId, templateId) = UserId(12345) to TemplateId(2)

    val merchant = Merchant(MerchantOptions(merchantId, baseUrl, secretKey))
    val store = Sqlite(SQLiteDataSource().apply { url = "jdbc:sqlite:$file" })
    val backend = Backend(merchant, Assumptions.exclusiveSince(since), store)

    // In the handler of webhooks, with the body as it came:
    suspend fun handle(rawBody: ByteArray): Int = backend.receive(rawBody).status // what to answer

    webhooks.createContext("/webhooks/bananatech") { exchange ->
        val status = runBlocking { handle(exchange.requestBody.readAllBytes()) }
        exchange.sendResponseHeaders(status, -1)
        exchange.close()
    }
    webhooks.start()

    // From now on: ask what is overdue, send what waited, and tell what became known.
    launch {
        backend.work { notice ->
            when (notice) {
                is Notice.Settled -> book(notice.operation) // by its reference and its outcome
                is Notice.NotSent -> book(notice.operation)
                else -> alert(notice)
            }
        }
    }

    // A virtual card. The reference is your name for it; a second request with the same one isn't carried out.
    val sent = backend.send(Apply(userId, templateId), "order 7")
    println(sent.state.word) // see the table of states
}

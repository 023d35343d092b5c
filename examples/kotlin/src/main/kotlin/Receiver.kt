package example

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.time.Duration
import java.time.Instant
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

/** The receiver of webhooks: takes the raw body, answers at once, and hands the body on. */
class Receiver : AutoCloseable {
    private val bodies = LinkedBlockingQueue<ByteArray>()
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)

    val url: String get() = "http://127.0.0.1:${server.address.port}/webhooks"

    init {
        server.createContext("/webhooks", ::take)
        server.start()
    }

    /** The next body; null if none came in time. */
    fun next(deadline: Instant): ByteArray? =
        bodies.poll(Duration.between(Instant.now(), deadline).toMillis(), TimeUnit.MILLISECONDS)

    override fun close() = server.stop(0)

    /**
     * The raw bytes, not a parsed body; and 200 only once they are in safe hands. In earnest that is a table, not a queue:
     * after the 200 the webhook doesn't come again.
     */
    private fun take(exchange: HttpExchange) = exchange.use {
        if (it.requestMethod == "POST") {
            bodies.put(it.requestBody.readAllBytes())
            it.sendResponseHeaders(200, -1)
        } else {
            it.sendResponseHeaders(405, -1)
        }
    }

    private inline fun HttpExchange.use(work: (HttpExchange) -> Unit) = try {
        work(this)
    } finally {
        close()
    }
}

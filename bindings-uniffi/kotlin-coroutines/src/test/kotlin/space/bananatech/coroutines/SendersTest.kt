package space.bananatech.coroutines

import io.ktor.client.engine.cio.CIO
import io.ktor.client.plugins.HttpRequestRetry
import java.io.IOException
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.URI
import java.net.http.HttpClient
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import okhttp3.OkHttpClient
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.EnumSource
import space.bananatech.BananaTechException
import space.bananatech.Call
import space.bananatech.CardId
import space.bananatech.GetTransactions
import space.bananatech.Merchant
import space.bananatech.MerchantOptions
import space.bananatech.NotSentException
import space.bananatech.Pages
import space.bananatech.Recharge
import space.bananatech.Redacted
import space.bananatech.TransactionPage
import space.bananatech.UserId
import space.bananatech.call
import space.bananatech.walk

private fun merchant(port: Int = 1, scheme: String = "http") = Merchant(
    MerchantOptions("6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10", URI("$scheme://127.0.0.1:$port"), Redacted("webhook-test-key-of-32-bytes-000")),
)

private fun newCall(port: Int, scheme: String = "http"): Call<Any> =
    merchant(port, scheme).call(Recharge(userId = UserId(12345), cardId = CardId(67890), amount = "100.00".toBigDecimal()))

/** Each way to send, with a client that would try again and follow redirects if it may. */
enum class Sender {
    JDK {
        override fun client(timeout: Duration): suspend (Call<Any>) -> Any {
            val client = HttpClient.newHttpClient()
            return { client.await(it, timeout) }
        }
    },
    OKHTTP {
        override fun client(timeout: Duration): suspend (Call<Any>) -> Any {
            val client = OkHttpClient.Builder().callTimeout(timeout).build()
            return { client.await(it) }
        }
    },
    KTOR {
        override fun client(timeout: Duration): suspend (Call<Any>) -> Any {
            val client = io.ktor.client.HttpClient(CIO) {
                expectSuccess = true
                install(HttpRequestRetry) { retryOnExceptionOrServerErrors(3) }
            }
            return { client.await(it, timeout) }
        }
    }, ;

    abstract fun client(timeout: Duration = Duration.ofSeconds(20)): suspend (Call<Any>) -> Any
}

/** Reads one request from each connection, answers it or not, and tells when the other side closes. */
private class Server(private val answer: String?) : AutoCloseable {
    val heads = CopyOnWriteArrayList<String>()
    val bodies = CopyOnWriteArrayList<String>()
    val arrived = CompletableFuture<Unit>()
    val closed = CompletableFuture<Unit>()
    private val socket = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
    val port: Int = socket.localPort

    init {
        thread(isDaemon = true) {
            while (true) {
                val connection = runCatching { socket.accept() }.getOrNull() ?: break
                thread(isDaemon = true) { runCatching { connection.use(::serve) } }
            }
        }
    }

    private fun serve(connection: Socket) {
        val input = connection.getInputStream()
        val head = StringBuilder()
        while (!head.endsWith("\r\n\r\n")) head.append(input.read().also { check(it >= 0) }.toChar())
        val length = Regex("content-length: (\\d+)", RegexOption.IGNORE_CASE).find(head)!!.groupValues[1].toInt()
        bodies.add(String(input.readNBytes(length)))
        heads.add(head.toString())
        arrived.complete(Unit)
        if (answer != null) {
            connection.getOutputStream().write(answer.toByteArray())
            return
        }
        // Nothing is answered: what is read next is the end.
        if (runCatching { input.read() }.getOrDefault(-1) == -1) closed.complete(Unit)
    }

    override fun close() = socket.close()
}

private fun answer(status: String, body: String = """{"message":"ok"}""", header: String = "") =
    "HTTP/1.1 $status\r\nContent-Length: ${body.length}\r\nConnection: close\r\n$header\r\n$body"

@Timeout(60)
class SendersTest {
    @ParameterizedTest
    @EnumSource
    fun aCallIsSentAsItIsAndItsAnswerRead(sender: Sender) = Server(answer("200 OK")).use { server ->
        val call = newCall(server.port)
        runBlocking { sender.client()(call) }
        assertEquals(listOf(call.request.body), server.bodies)
        val head = server.heads.single().lines()
        for (header in call.request.headers) {
            val values = head.filter { it.startsWith("${header.name}:", ignoreCase = true) }.map { it.substringAfter(':').trim() }
            assertEquals(listOf(header.value.expose()), values)
        }
        assertThrows<IllegalStateException> { runBlocking { sender.client()(call) } }
        assertEquals(1, server.bodies.size)
    }

    @ParameterizedTest
    @EnumSource
    fun whatIsNoSuccessIsReadNotRepeated(sender: Sender) {
        for (status in listOf("400 Bad Request", "307 Temporary Redirect", "500 Internal Server Error", "503 Service Unavailable")) {
            Server(answer(status, header = "Location: /elsewhere\r\nRetry-After: 0\r\n")).use { server ->
                assertThrows<BananaTechException>(status) { runBlocking { sender.client()(newCall(server.port)) } }
                assertEquals(1, server.bodies.size, status)
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    fun whoIsCancelledClosesTheConnection(sender: Sender) = Server(null).use { server ->
        runBlocking {
            val sending = launch(Dispatchers.IO) { sender.client()(newCall(server.port)) }
            server.arrived.get(20, TimeUnit.SECONDS)
            assertFalse(server.closed.isDone)
            sending.cancelAndJoin()
        }
        server.closed.get(20, TimeUnit.SECONDS)
        assertEquals(1, server.bodies.size)
    }

    @ParameterizedTest
    @EnumSource
    fun anAnswerThatDoesNotComeInTimeIsAnIoException(sender: Sender) = Server(null).use { server ->
        val call = newCall(server.port)
        val error = assertThrows<IOException> { runBlocking { sender.client(Duration.ofMillis(700))(call) } }
        assertTrue(error !is NotSentException && call.wasSent)
        server.closed.get(20, TimeUnit.SECONDS)
        assertEquals(1, server.bodies.size)
    }

    /** The end of a connection is no reason to try again. */
    @ParameterizedTest
    @EnumSource
    fun aConnectionThatIsDroppedIsAnIoException(sender: Sender) = Server("").use { server ->
        val call = newCall(server.port)
        val error = assertThrows<Exception> { runBlocking { sender.client()(call) } }
        assertTrue(error !is NotSentException && call.wasSent)
        assertEquals(1, server.bodies.size)
    }

    /** Nobody listens, or a server that doesn't speak TLS. */
    @ParameterizedTest
    @EnumSource
    fun whatNeverLeftIsSaid(sender: Sender) = Server(answer("400 Bad Request")).use { server ->
        val closed = ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { it.localPort }
        for (call in listOf(newCall(closed), newCall(server.port, "https"))) {
            val error = assertThrows<NotSentException>("${call.request.url}") { runBlocking { sender.client(Duration.ofSeconds(2))(call) } }
            assertTrue(error.message!!.startsWith("the request to 127.0.0.1 didn't leave: "), error.message)
            assertFalse(call.wasSent)
        }
        assertEquals(0, server.bodies.size)
    }

    @ParameterizedTest
    @EnumSource
    fun anAnswerThatIsTooLongIsAnIoException(sender: Sender) = Server(answer("200 OK", " ".repeat(17 shl 20))).use { server ->
        assertThrows<IOException> { runBlocking { sender.client()(newCall(server.port)) } }
        assertEquals(1, server.bodies.size)
    }

    @Test
    fun aListIsAFlow() = merchant().use { merchant ->
        val skips = mutableListOf<Long?>()
        val ends = mutableListOf<Pages>()
        val list = merchant.walk(GetTransactions(limit = 2)).asFlow(ends::add) { call: Call<TransactionPage> ->
            val asked = (call.operation as space.bananatech.AnyOperation.GetTransactions).operation
            skips += asked.skip
            delay(1)
            val data = (0L until 5).drop(asked.skip!!.toInt()).take(2).joinToString { """{"id":$it,"amount":"1"}""" }
            call.read(200, merchant.testAnswer(Redacted("""{"data":[$data],"total":5}""")))
        }
        runBlocking {
            assertEquals(listOf(0L), list.take(1).toList().map { it.id.value })
            assertEquals(listOf<Long?>(0), skips)
            assertTrue(ends.isEmpty())
            repeat(2) { assertEquals((0L until 5).toList(), list.toList().map { it.id.value }) }
        }
        assertEquals(listOf<Long?>(0, 0, 2, 4, 0, 2, 4), skips)
        assertEquals(listOf(true, true), ends.map { it.isComplete && it.isStable })
    }

    @Test
    fun whatSendingThrowsTheFlowThrows(): Unit = merchant().use { merchant ->
        val list = merchant.walk(GetTransactions()).asFlow { throw IOException("no network") }
        assertThrows<IOException> { runBlocking { list.toList() } }
        val cancelled = merchant.walk(GetTransactions()).asFlow { throw CancellationException() }
        assertThrows<CancellationException> { runBlocking { cancelled.toList() } }
        Unit
    }
}

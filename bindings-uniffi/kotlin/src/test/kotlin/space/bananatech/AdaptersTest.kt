package space.bananatech

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.PasswordAuthentication
import java.net.ServerSocket
import java.net.Socket
import java.net.URI
import java.net.http.HttpClient
import java.time.Duration
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.ExecutionException
import java.util.concurrent.Executors
import java.util.concurrent.Future
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import okhttp3.Dispatcher
import okhttp3.OkHttpClient
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.EnumSource
import space.bananatech.jdk.execute
import space.bananatech.jdk.executeAsync
import space.bananatech.okhttp.execute
import space.bananatech.okhttp.executeAsync

/** A sealed call to a server of this machine. */
private fun newCall(port: Int, scheme: String = "http"): Call<Any> =
    Merchant(
        MerchantOptions(
            "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10",
            URI("$scheme://127.0.0.1:$port"),
            Redacted("webhook-test-key-of-32-bytes-000"),
        ),
    ).call(Recharge(userId = UserId(12345), cardId = CardId(67890), amount = "100.00".toBigDecimal()))

/** Sends what fails after it left, so that it isn't known what became of it. */
private fun isNotKnown(port: Int, send: (Call<Any>) -> Any) {
    val call = newCall(port)
    val error = assertThrows<IOException> { send(call) }
    assertFalse(error is NotSentException, "$error")
    assertTrue(call.wasSent)
}

private const val OK = """{"message":"ok"}"""
private const val MIB = 1024 * 1024

/** Each way to send, with a client of its own. */
enum class Sender {
    JDK {
        override fun client(timeout: Duration): (Call<Any>) -> Any {
            val client = HttpClient.newBuilder().authenticator(Credentials).build()
            return { client.execute(it, timeout) }
        }
    },
    JDK_ASYNC {
        override fun client(timeout: Duration): (Call<Any>) -> Any {
            val client = HttpClient.newBuilder().authenticator(Credentials).build()
            return { call ->
                try {
                    client.executeAsync(call, timeout).get()
                } catch (error: ExecutionException) {
                    throw error.cause ?: error
                }
            }
        }
    },
    OKHTTP {
        override fun client(timeout: Duration): (Call<Any>) -> Any {
            val client = OkHttpClient.Builder()
                .callTimeout(timeout)
                .authenticator { _, response -> response.request.newBuilder().header("Authorization", "Basic eDp5").build() }
                .build()
            return { client.execute(it) }
        }
    },
    OKHTTP_ASYNC {
        override fun client(timeout: Duration): (Call<Any>) -> Any {
            val client = OkHttpClient.Builder().callTimeout(timeout).build()
            return { call ->
                try {
                    client.executeAsync(call).get()
                } catch (error: ExecutionException) {
                    throw error.cause ?: error
                }
            }
        }
    }, ;

    /** Of an application that would answer a 401, follow redirects and try again. */
    abstract fun client(timeout: Duration = Duration.ofSeconds(20)): (Call<Any>) -> Any
}

private object Credentials : java.net.Authenticator() {
    override fun getPasswordAuthentication() = PasswordAuthentication("x", "y".toCharArray())
}

/** What arrived whole: a request of which only a part came can't do anything. */
private class Arrived(val method: String, val path: String, val headers: Map<String, String>, val body: String)

private class Server(answer: (HttpExchange) -> Unit) : AutoCloseable {
    val arrived = CopyOnWriteArrayList<Arrived>()
    private val threads = Executors.newCachedThreadPool()
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0).apply {
        createContext("/") { exchange ->
            val body = String(exchange.requestBody.readAllBytes())
            val headers = exchange.requestHeaders.entries.associate { it.key.lowercase() to it.value.joinToString() }
            arrived.add(Arrived(exchange.requestMethod, exchange.requestURI.toString(), headers, body))
            try {
                answer(exchange)
            } finally {
                exchange.close()
            }
        }
        executor = threads
        start()
    }
    val port: Int = server.address.port

    override fun close() {
        server.stop(0)
        threads.shutdownNow()
    }
}

private fun HttpExchange.answer(status: Int, body: String = OK) {
    sendResponseHeaders(status, body.length.toLong())
    responseBody.write(body.toByteArray())
}

/** Whether the adapters send a call once, whatever happens, and hand its answer on. */
@Timeout(60)
class AdaptersTest {
    @ParameterizedTest
    @EnumSource
    fun aCallIsSentAsItIsAndItsAnswerRead(sender: Sender) = Server { it.answer(200) }.use { server ->
        val call = newCall(server.port)
        assertNotNull(sender.client()(call))
        val arrived = server.arrived.single()
        assertEquals(call.request.method, arrived.method)
        assertEquals(call.request.url.path, arrived.path)
        assertEquals(call.request.body, arrived.body)
        assertTrue(call.request.headers.isNotEmpty())
        for (header in call.request.headers) assertEquals(header.value.expose(), arrived.headers[header.name.lowercase()])
    }

    @ParameterizedTest
    @EnumSource
    fun aCallIsSentOnce(sender: Sender) = Server { it.answer(400) }.use { server ->
        val call = newCall(server.port)
        assertFalse(call.wasSent)
        assertThrows<BananaTechException.Rejected> { sender.client()(call) }
        assertTrue(call.wasSent)
        assertThrows<IllegalStateException> { sender.client()(call) }
        assertEquals(1, server.arrived.size)
    }

    @ParameterizedTest
    @EnumSource
    fun whatIsNoSuccessIsReadNotRepeated(sender: Sender) {
        for (status in listOf(400, 401, 407, 408, 421, 429, 500, 503)) {
            Server {
                it.responseHeaders.add("WWW-Authenticate", "Basic realm=\"x\"")
                it.responseHeaders.add("Proxy-Authenticate", "Basic realm=\"x\"")
                it.responseHeaders.add("Retry-After", "0")
                it.answer(status)
            }.use { server ->
                val error = assertThrows<Exception> { sender.client()(newCall(server.port)) }
                // Java's client ends an exchange that it may not repeat by itself.
                val expected = error is BananaTechException || error is IOException && status in listOf(401, 407)
                assertTrue(expected, "$status: $error")
                assertEquals(1, server.arrived.count { it.body.isNotEmpty() }, "$status")
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    fun aRedirectIsNotFollowed(sender: Sender) {
        for (status in listOf(301, 302, 303, 307, 308)) {
            Server {
                it.responseHeaders.add("Location", "/elsewhere")
                it.answer(status)
            }.use { server ->
                assertThrows<BananaTechException> { sender.client()(newCall(server.port)) }
                assertEquals(1, server.arrived.size, "$status")
            }
        }
    }

    @Test
    fun aJavaClientThatFollowsRedirectsIsRefused() = Server { it.answer(200) }.use { server ->
        for (redirect in listOf(HttpClient.Redirect.NORMAL, HttpClient.Redirect.ALWAYS)) {
            val client = HttpClient.newBuilder().followRedirects(redirect).build()
            assertThrows<IllegalArgumentException> { client.execute(newCall(server.port)) }
            assertThrows<IllegalArgumentException> { client.executeAsync(newCall(server.port)) }
        }
        assertEquals(0, server.arrived.size)
    }

    @ParameterizedTest
    @EnumSource
    fun anAnswerThatDoesNotComeInTimeIsAnIoException(sender: Sender) {
        val end = CountDownLatch(1)
        val stallers = listOf<(HttpExchange) -> Unit>(
            { end.await(20, TimeUnit.SECONDS) },
            {
                it.sendResponseHeaders(200, 0)
                it.responseBody.write('{'.code)
                it.responseBody.flush()
                end.await(20, TimeUnit.SECONDS)
            },
        )
        for (stall in stallers) {
            Server(stall).use { server ->
                val start = System.nanoTime()
                isNotKnown(server.port, sender.client(Duration.ofMillis(700)))
                assertTrue(System.nanoTime() - start < 10_000_000_000)
                assertEquals(1, server.arrived.size)
            }
        }
        end.countDown()
    }

    /** Nobody listens, or a server that doesn't speak TLS. */
    @ParameterizedTest
    @EnumSource
    fun whatNeverLeftIsSaid(sender: Sender) = Server { it.answer(200) }.use { server ->
        val closed = ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { it.localPort }
        for (call in listOf(newCall(closed), newCall(server.port, "https"))) {
            val error = assertThrows<NotSentException>("${call.request.url}") { sender.client(Duration.ofSeconds(2))(call) }
            assertFalse(call.wasSent)
            assertTrue(error.message!!.startsWith("the request to 127.0.0.1 didn't leave: "), error.message)
            assertFalse(call.request.url.path in error.message!!, error.message)
        }
        assertEquals(emptyList<Arrived>(), server.arrived)
    }

    @Test
    fun whatIsCancelledBeforeItLeavesWasNotSent() = Server { it.answer(200) }.use { server ->
        val end = CountDownLatch(1)
        val busy = Executors.newSingleThreadExecutor().apply { execute { end.await(20, TimeUnit.SECONDS) } }
        val jdk = HttpClient.newBuilder().executor(busy).build()
        val okHttp = OkHttpClient.Builder().dispatcher(Dispatcher(busy)).build()
        for (send in listOf<(Call<Any>) -> Future<Any>>({ jdk.executeAsync(it) }, { okHttp.executeAsync(it) })) {
            val call = newCall(server.port)
            val sending = send(call)
            assertTrue(call.wasSent)
            assertTrue(sending.cancel(true))
            assertFalse(call.wasSent)
        }
        end.countDown()
        busy.shutdown()
        assertTrue(busy.awaitTermination(20, TimeUnit.SECONDS))
        assertEquals(emptyList<Arrived>(), server.arrived)
    }

    @ParameterizedTest
    @EnumSource
    fun aConnectionThatIsDroppedAfterTheRequestWasReadIsAnIoException(sender: Sender) = Server { it.close() }.use { server ->
        isNotKnown(server.port, sender.client())
        assertEquals(1, server.arrived.size)
    }

    @ParameterizedTest
    @EnumSource
    fun aKeptConnectionThatIsDroppedAfterTheRequestWasReadIsAnIoException(sender: Sender) {
        var first = true
        Server { if (first) it.answer(200) else it.close() }.use { server ->
            val client = sender.client()
            assertNotNull(client(newCall(server.port)))
            first = false
            isNotKnown(server.port, client)
            assertEquals(2, server.arrived.size)
        }
    }

    /** The client learns of it before it sends, while it sends, or after: in no case may a second copy arrive. */
    @ParameterizedTest
    @EnumSource
    fun aKeptConnectionThatTheServerClosedMeanwhileBringsNoSecondCopy(sender: Sender) {
        for (reset in listOf(false, true)) {
            for (pause in listOf(0L, 1, 5, 200)) {
                Closer(reset).use { server ->
                    val client = sender.client()
                    assertNotNull(client(newCall(server.port)))
                    Thread.sleep(pause)
                    val second = newCall(server.port)
                    val answered = runCatching { client(second) }
                    val copies = server.bodies.count { it == second.request.body }
                    val expected = answered.isSuccess && copies == 1 || answered.exceptionOrNull() is IOException && copies <= 1
                    assertTrue(expected, "reset $reset, pause $pause, $copies copies, $answered")
                    assertEquals(answered.exceptionOrNull() !is NotSentException, second.wasSent)
                    assertTrue(second.wasSent || copies == 0)
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    fun anAnswerThatIsTooLongIsAnIoException(sender: Sender) {
        for (declared in listOf(0L, 17L * MIB)) {
            Server { exchange ->
                exchange.sendResponseHeaders(200, declared)
                val chunk = ByteArray(MIB) { ' '.code.toByte() }
                repeat(17) { exchange.responseBody.write(chunk) }
            }.use { server ->
                isNotKnown(server.port, sender.client())
                assertEquals(1, server.arrived.size)
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    fun anAnswerOfTheGreatestLengthIsRead(sender: Sender) {
        Server { it.answer(200, OK.padEnd(16 * MIB)) }.use { server ->
            // Whatever it is for the core, it got there.
            val error = runCatching { sender.client()(newCall(server.port)) }.exceptionOrNull()
            assertTrue(error is BananaTechException?, "$error")
        }
    }

    @Test
    fun anInterceptorCannotSendTwice() = Server { it.answer(200) }.use { server ->
        val client = OkHttpClient.Builder().addInterceptor { chain ->
            chain.proceed(chain.request()).close()
            chain.proceed(chain.request())
        }.build()
        assertThrows<IOException> { client.execute(newCall(server.port)) }
        assertEquals(1, server.arrived.count { it.body.isNotEmpty() })
    }
}

/** Says that it keeps a connection, and closes it after its first answer: orderly, or so that what is sent meets a reset. */
private class Closer(private val reset: Boolean) : AutoCloseable {
    val bodies = CopyOnWriteArrayList<String>()
    private val socket = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
    val port: Int = socket.localPort

    init {
        thread(isDaemon = true) {
            while (true) {
                val connection = try {
                    socket.accept()
                } catch (_: IOException) {
                    break
                }
                thread(isDaemon = true) { runCatching { connection.use(::serve) } }
            }
        }
    }

    private fun serve(connection: Socket) {
        val input = connection.getInputStream()
        val head = StringBuilder()
        while (!head.endsWith("\r\n\r\n")) head.append(input.read().also { check(it >= 0) }.toChar())
        val length = Regex("content-length: (\\d+)", RegexOption.IGNORE_CASE).find(head)!!.groupValues[1].toInt()
        val body = input.readNBytes(length)
        check(body.size == length)
        bodies.add(String(body))
        connection.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: ${OK.length}\r\n\r\n$OK".toByteArray())
        if (reset) {
            Thread.sleep(1)
            connection.setSoLinger(true, 0)
        }
    }

    override fun close() = socket.close()
}

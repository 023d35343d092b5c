/** Sends calls with OkHttp, 4.12 or newer: a dependency that the application brings. */
@file:JvmName("OkHttp")

package space.bananatech.okhttp

import java.io.IOException
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicBoolean
import okhttp3.Callback
import okhttp3.MediaType
import okhttp3.OkHttpClient
import okhttp3.RequestBody
import okhttp3.Response
import okio.BufferedSink
import space.bananatech.Call
import space.bananatech.HttpAnswer
import space.bananatech.NotSentException
import space.bananatech.SealedRequest

/** For a client that has no limit for a whole call. */
private val TIMEOUT: Duration = Duration.ofSeconds(30)

/** Far above any answer of the API. */
private const val MAX_ANSWER: Long = 16 * 1024 * 1024

/**
 * Sends [call] once, and waits for its answer: not in Android's main thread. What this throws after the request may have left
 * says nothing about whether it was carried out: a webhook or a query tells. Sending it again may move money twice.
 *
 * The client's settings hold, but it neither follows redirects nor tries again, not even at another address of the server; and
 * a call takes 30 seconds at most if the client has no `callTimeout`. An interceptor that sends or reads a body twice fails.
 *
 * @return what the answer says, as [Call.read] reads it.
 * @throws NotSentException if nothing of the request left, after which [Call.wasSent] is false.
 * @throws IOException if the answer didn't come, not in time, or with more than 16 MiB.
 * @throws space.bananatech.BananaTechException if the API refused, or the answer can't be trusted or understood.
 * @throws IllegalStateException if [call] was sent before, by whichever client. It isn't sent again.
 */
@Throws(IOException::class)
public fun <R> OkHttpClient.execute(call: Call<R>): R {
    call.sendOnce()
    val answer = try {
        exchange(call.request)
    } catch (error: NotSentException) {
        call.noteNotSent()
        throw error
    }
    return call.read(answer.status, answer.body)
}

/**
 * Sends a sealed request once, as [execute] does. Your code reads the answer.
 *
 * @param timeout how long it may take if the client has no `callTimeout`.
 * @throws NotSentException if nothing of the request left.
 * @throws IOException if the answer didn't come, not in time, or with more than 16 MiB.
 */
@JvmOverloads
@Throws(IOException::class)
public fun OkHttpClient.exchange(request: SealedRequest, timeout: Duration = TIMEOUT): HttpAnswer {
    val once = Once(this, request, timeout)
    try {
        return once.call.execute().use { HttpAnswer(it.code, wholeBody(it)) }
    } catch (error: Exception) {
        throw once.failed(error)
    }
}

/**
 * As [execute], without waiting, in OkHttp's own threads: the future fails with what [execute] throws. If you cancel the future, the
 * connection is closed. It isn't known then whether the request was carried out, unless [Call.wasSent] is false.
 *
 * @throws IllegalStateException at once, if [call] was sent before.
 */
public fun <R> OkHttpClient.executeAsync(call: Call<R>): CompletableFuture<R> {
    call.sendOnce()
    val once = Once(this, call.request, TIMEOUT)
    val read = CompletableFuture<R>()
    read.whenComplete { _, _ ->
        if (read.isCancelled) {
            once.call.cancel()
            if (once.withhold()) call.noteNotSent()
        }
    }
    once.call.enqueue(
        object : Callback {
            override fun onFailure(sent: okhttp3.Call, error: IOException) {
                val told = once.failed(error)
                if (told is NotSentException) call.noteNotSent()
                read.completeExceptionally(told)
            }

            override fun onResponse(sent: okhttp3.Call, response: Response) {
                runCatching { response.use { HttpAnswer(it.code, wholeBody(it)) } }
                    .mapCatching(::opened)
                    .fold(read::complete, read::completeExceptionally)
            }

            private fun opened(answer: HttpAnswer): R = call.read(answer.status, answer.body)
        },
    )
    return read
}

/** A request that leaves once at most, and to one place. */
private class Once(client: OkHttpClient, private val sealed: SealedRequest, timeout: Duration) {
    private val body = OneShot(sealed.body.toByteArray())
    val call: okhttp3.Call

    init {
        val builder = client.newBuilder().retryOnConnectionFailure(false).followRedirects(false).followSslRedirects(false)
        if (client.callTimeoutMillis == 0) builder.callTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        val request = okhttp3.Request.Builder().url(sealed.url.toString()).method(sealed.method, body)
        for (header in sealed.headers) request.addHeader(header.name, header.value.expose())
        call = builder.build().newCall(request.build())
    }

    /** Whether nothing of it left. From now on nothing will. */
    fun withhold(): Boolean = body.withhold()

    /** What to throw for an error. */
    fun failed(error: Exception): Exception = if (withhold()) NotSentException(error, sealed) else error
}

/** A body that is given once: [isOneShot] asks for that, and who doesn't heed it fails. */
private class OneShot(private val bytes: ByteArray) : RequestBody() {
    private val given = AtomicBoolean()

    /** Whether it wasn't given to anybody. From now on it isn't. */
    fun withhold(): Boolean = given.compareAndSet(false, true)

    /** None: it stands in the request's headers. */
    override fun contentType(): MediaType? = null

    override fun contentLength(): Long = bytes.size.toLong()

    override fun isOneShot(): Boolean = true

    override fun writeTo(sink: BufferedSink) {
        if (!given.compareAndSet(false, true)) throw IOException("the request was sent already or given up, and isn't sent")
        sink.write(bytes)
    }
}

private fun wholeBody(response: Response): ByteArray {
    val source = response.body?.source() ?: return ByteArray(0)
    if (source.request(MAX_ANSWER + 1)) throw IOException("the answer is longer than $MAX_ANSWER bytes")
    return source.readByteArray()
}

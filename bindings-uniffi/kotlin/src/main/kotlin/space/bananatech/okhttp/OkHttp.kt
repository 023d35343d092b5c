/** Sends calls with OkHttp, 4.12 or newer: a dependency that the application brings. */
@file:JvmName("OkHttp")

package space.bananatech.okhttp

import java.io.IOException
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicBoolean
import okhttp3.MediaType
import okhttp3.OkHttpClient
import okhttp3.RequestBody
import okhttp3.Response
import okio.BufferedSink
import space.bananatech.Call

/** For a client that has no limit for a whole call. */
private const val TIMEOUT_SECONDS: Long = 60

/** Far above any answer of the API. */
private const val MAX_ANSWER: Long = 16 * 1024 * 1024

/**
 * Sends [call] once, and waits for its answer: not in Android's main thread. What this throws after the request may have left
 * says nothing about whether it was carried out: a webhook or a query tells. Sending it again may move money twice.
 *
 * The client's settings hold, but it neither follows redirects nor tries again, not even at another address of the server; and
 * a call takes 60 seconds at most if the client has no `callTimeout`. An interceptor that sends or reads a body twice fails.
 *
 * @return what the answer says, as [Call.read] reads it.
 * @throws IOException if the answer didn't come, not in time, or with more than 16 MiB.
 * @throws space.bananatech.BananaTechException if the API refused, or the answer can't be trusted or understood.
 */
@Throws(IOException::class)
public fun <R> OkHttpClient.execute(call: Call<R>): R {
    val builder = newBuilder().retryOnConnectionFailure(false).followRedirects(false).followSslRedirects(false)
    if (callTimeoutMillis == 0) builder.callTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
    val request = okhttp3.Request.Builder()
        .url(call.request.url.toString())
        .method(call.request.method, OneShot(call.request.body.toByteArray()))
    for (header in call.request.headers) request.addHeader(header.name, header.value.expose())
    val (status, body) = builder.build().newCall(request.build()).execute().use { it.code to wholeBody(it) }
    return call.read(status, body)
}

/** A body that is given once: [isOneShot] asks for that, and who doesn't heed it fails. */
private class OneShot(private val bytes: ByteArray) : RequestBody() {
    private val given = AtomicBoolean()

    /** None: it stands in the request's headers. */
    override fun contentType(): MediaType? = null

    override fun contentLength(): Long = bytes.size.toLong()

    override fun isOneShot(): Boolean = true

    override fun writeTo(sink: BufferedSink) {
        if (!given.compareAndSet(false, true)) throw IOException("the request was sent already, and isn't sent again")
        sink.write(bytes)
    }
}

private fun wholeBody(response: Response): ByteArray {
    val source = response.body?.source() ?: return ByteArray(0)
    if (source.request(MAX_ANSWER + 1)) throw IOException("the answer is longer than $MAX_ANSWER bytes")
    return source.readByteArray()
}

@file:JvmName("Ktor")

package space.bananatech.coroutines

import io.ktor.client.HttpClient
import io.ktor.client.plugins.HttpRequestRetry
import io.ktor.client.request.prepareRequest
import io.ktor.client.request.setBody
import io.ktor.client.request.url
import io.ktor.client.statement.bodyAsChannel
import io.ktor.http.HttpMethod
import io.ktor.http.content.OutgoingContent
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.readRemaining
import io.ktor.utils.io.writeFully
import java.io.IOException
import java.time.Duration
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.io.readByteArray
import space.bananatech.Call
import space.bananatech.NotSentException
import space.bananatech.SealedRequest

/** Far above any answer of the API. */
private const val MAX_ANSWER: Long = 16 * 1024 * 1024

/**
 * Sends [call] once, and suspends until its answer is there. If the coroutine is cancelled, the connection is closed. Unless
 * [Call.wasSent] is false then, it isn't known whether the request was carried out: the tracker will tell.
 *
 * The client's engine and settings hold, but it neither follows redirects nor tries again.
 *
 * @param timeout from the start until the last byte of the answer.
 * @return what the answer says, as [Call.read] reads it.
 * @throws space.bananatech.NotSentException if nothing of the request left, after which [Call.wasSent] is false.
 * @throws IOException if the answer didn't come, not in time, or with more than 16 MiB. An engine may throw something else for the former.
 * @throws space.bananatech.BananaTechException if the API refused, or the answer can't be trusted or understood.
 * @throws IllegalStateException if [call] was sent before, by whichever client. It isn't sent again.
 */
public suspend fun <R> HttpClient.await(call: Call<R>, timeout: Duration = Duration.ofSeconds(30)): R {
    call.sendOnce()
    val once = config {
        followRedirects = false
        expectSuccess = false
        install(HttpRequestRetry) { noRetry() }
    }
    val sealed = OneShot(call.request.body.toByteArray())
    val (status, body) = try {
        once.use { it.exchange(call.request, sealed, timeout) } ?: throw IOException("the answer took too long")
    } catch (error: Exception) {
        if (!sealed.withhold()) throw error
        call.noteNotSent()
        // An engine that was closed throws as if this coroutine were cancelled.
        currentCoroutineContext().ensureActive()
        throw NotSentException(error, call.request)
    }
    return call.read(status, body)
}

/** The status and the body; null if they took too long. */
private suspend fun HttpClient.exchange(request: SealedRequest, sealed: OneShot, timeout: Duration): Pair<Int, ByteArray>? =
    withTimeoutOrNull(timeout.toMillis()) {
        prepareRequest {
            url(request.url.toString())
            method = HttpMethod.parse(request.method)
            setBody(sealed)
            // Ktor takes the type of a body from the body alone.
            for (header in request.headers) if (!header.isType) headers.append(header.name, header.value.expose())
        }.execute { response ->
            val body = response.bodyAsChannel().readRemaining(MAX_ANSWER + 1).readByteArray()
            if (body.size > MAX_ANSWER) throw IOException("the answer is longer than $MAX_ANSWER bytes")
            response.status.value to body
        }
    }

private val space.bananatech.Header.isType: Boolean get() = name.equals("Content-Type", ignoreCase = true)

/** A body that is given once: whatever else would make the client send it again fails instead. */
private class OneShot(private val bytes: ByteArray) : OutgoingContent.WriteChannelContent() {
    private val given = AtomicBoolean()

    /** Whether it wasn't given to anybody. From now on it isn't. */
    fun withhold(): Boolean = given.compareAndSet(false, true)

    override val contentType = io.ktor.http.ContentType.Application.Json

    override val contentLength: Long get() = bytes.size.toLong()

    override suspend fun writeTo(channel: ByteWriteChannel) {
        if (!given.compareAndSet(false, true)) throw IOException("the request was sent already or given up, and isn't sent")
        channel.writeFully(bytes)
    }
}

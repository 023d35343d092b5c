/** Sends calls with Java's own HTTP client. Not on Android, which has none. */
@file:JvmName("HttpClients")

package space.bananatech.jdk

import java.io.ByteArrayOutputStream
import java.io.IOException
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.net.http.HttpTimeoutException
import java.nio.ByteBuffer
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import java.util.concurrent.CompletionStage
import java.util.concurrent.Flow
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import java.util.concurrent.atomic.AtomicBoolean
import space.bananatech.Call
import space.bananatech.HttpAnswer
import space.bananatech.NotSentException
import space.bananatech.SealedRequest

/** How long a call may take if nothing else is said. */
private val TIMEOUT: Duration = Duration.ofSeconds(30)

/** Far above any answer of the API. */
private const val MAX_ANSWER: Int = 16 * 1024 * 1024

/**
 * Sends [call] once, and waits for its answer. What this throws after the request may have left says nothing about whether it
 * was carried out: a webhook or a query tells. Sending it again may move money twice.
 *
 * @param timeout from the start until the last byte of the answer.
 * @return what the answer says, as [Call.read] reads it.
 * @throws NotSentException if nothing of the request left, after which [Call.wasSent] is false.
 * @throws IOException if the answer didn't come, not in time, or with more than 16 MiB.
 * @throws InterruptedException if the thread was interrupted. If [Call.wasSent] is false then, nothing left.
 * @throws space.bananatech.BananaTechException if the API refused, or the answer can't be trusted or understood.
 * @throws IllegalArgumentException if this client follows redirects (nothing was sent), or [timeout] isn't positive.
 * @throws IllegalStateException if [call] was sent before, by whichever client. It isn't sent again.
 */
@JvmOverloads
@Throws(IOException::class, InterruptedException::class)
public fun <R> HttpClient.execute(call: Call<R>, timeout: Duration = TIMEOUT): R {
    val once = Once(this, call.request, timeout)
    call.sendOnce()
    val answer = once.send(call)
    return call.read(answer.status, answer.body)
}

/**
 * Sends a sealed request once, as [execute] does. Your code reads the answer.
 *
 * @param timeout from the start until the last byte of the answer.
 * @throws NotSentException if nothing of the request left.
 * @throws IOException if the answer didn't come, not in time, or with more than 16 MiB.
 * @throws InterruptedException if the thread was interrupted.
 * @throws IllegalArgumentException if this client follows redirects (nothing was sent), or [timeout] isn't positive.
 */
@JvmOverloads
@Throws(IOException::class, InterruptedException::class)
public fun HttpClient.exchange(request: SealedRequest, timeout: Duration = TIMEOUT): HttpAnswer = Once(this, request, timeout).send()

/**
 * As [execute], without waiting: the future fails with what [execute] throws. [Call.read] runs in the client's executor. If you
 * cancel the future, the connection is closed (by Java 16 or newer). It isn't known then whether the request was carried out, unless
 * [Call.wasSent] is false.
 *
 * @throws IllegalArgumentException at once, if this client follows redirects or [timeout] isn't positive; nothing was sent.
 * @throws IllegalStateException at once, if [call] was sent before.
 */
@JvmOverloads
public fun <R> HttpClient.executeAsync(call: Call<R>, timeout: Duration = TIMEOUT): CompletableFuture<R> {
    val once = Once(this, call.request, timeout)
    call.sendOnce()
    val answer = sendAsync(once.request, answerWithin(timeout))
    val read = answer.handle { response, error ->
        if (error != null) throw CompletionException(once.failed((error as? CompletionException)?.cause ?: error, call))
        call.read(response.statusCode(), response.body())
    }
    read.whenComplete { _, error ->
        if (read.isCancelled) {
            // A future that depends on another doesn't cancel it.
            answer.cancel(true)
            once.failed(error, call)
        }
    }
    return read
}

/** A request that leaves once at most. */
private class Once(private val client: HttpClient, private val sealed: SealedRequest, private val timeout: Duration) {
    private val body = OneShot(HttpRequest.BodyPublishers.ofString(sealed.body))
    val request: HttpRequest

    init {
        require(client.followRedirects() == HttpClient.Redirect.NEVER) {
            "expected a client that doesn't follow redirects: a sealed request is for one server, and sent once"
        }
        val builder = HttpRequest.newBuilder(sealed.url).method(sealed.method, body).timeout(timeout)
        for (header in sealed.headers) builder.header(header.name, header.value.expose())
        request = builder.build()
    }

    fun send(call: Call<*>? = null): HttpAnswer {
        val answer = try {
            client.send(request, answerWithin(timeout))
        } catch (error: Exception) {
            throw failed(error, call)
        }
        return HttpAnswer(answer.statusCode(), answer.body())
    }

    /** What to throw for an error: another one if the body didn't leave, which nobody gets from now on. */
    fun failed(error: Throwable, call: Call<*>? = null): Throwable {
        if (!body.withhold()) return error
        call?.noteNotSent()
        return if (error is InterruptedException) error else NotSentException(error, sealed)
    }
}

/** A body that is given once: whatever else would make the client send it again (a 401, a system property) fails instead. */
private class OneShot(private val body: HttpRequest.BodyPublisher) : HttpRequest.BodyPublisher {
    private val given = AtomicBoolean()

    /** Whether it wasn't given to anybody. From now on it isn't. */
    fun withhold(): Boolean = given.compareAndSet(false, true)

    override fun contentLength(): Long = body.contentLength()

    override fun subscribe(subscriber: Flow.Subscriber<in ByteBuffer>) {
        if (given.compareAndSet(false, true)) return body.subscribe(subscriber)
        subscriber.onSubscribe(NoSubscription)
        subscriber.onError(IOException("the request was sent already or given up, and isn't sent"))
    }
}

private object NoSubscription : Flow.Subscription {
    override fun request(n: Long) = Unit

    override fun cancel() = Unit
}

private fun answerWithin(timeout: Duration): HttpResponse.BodyHandler<ByteArray> {
    val deadline = System.nanoTime() + timeout.toNanos()
    return HttpResponse.BodyHandler { Answer(deadline) }
}

/** Gathers a body: up to [MAX_ANSWER], and until [deadline], since a request's own timeout ends where the body begins. */
private class Answer(private val deadline: Long) : HttpResponse.BodySubscriber<ByteArray> {
    private val bytes = ByteArrayOutputStream()
    private val whole = CompletableFuture<ByteArray>()

    override fun getBody(): CompletionStage<ByteArray> = whole.handle { bytes, error ->
        when (error) {
            null -> bytes
            is TimeoutException -> throw CompletionException(HttpTimeoutException("the answer took too long"))
            else -> throw CompletionException(error)
        }
    }

    override fun onSubscribe(subscription: Flow.Subscription) {
        whole.orTimeout(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)
        whole.whenComplete { _, error -> if (error != null) subscription.cancel() }
        subscription.request(Long.MAX_VALUE)
    }

    override fun onNext(item: List<ByteBuffer>) {
        for (buffer in item) {
            if (whole.isDone) return
            if (buffer.remaining() > MAX_ANSWER - bytes.size()) {
                whole.completeExceptionally(IOException("the answer is longer than $MAX_ANSWER bytes"))
                return
            }
            val chunk = ByteArray(buffer.remaining())
            buffer.get(chunk)
            bytes.writeBytes(chunk)
        }
    }

    override fun onError(throwable: Throwable) {
        whole.completeExceptionally(throwable)
    }

    override fun onComplete() {
        whole.complete(bytes.toByteArray())
    }
}

@file:JvmName("OkHttp")

package space.bananatech.coroutines

import kotlinx.coroutines.future.await
import okhttp3.OkHttpClient
import space.bananatech.Call
import space.bananatech.okhttp.executeAsync

/**
 * Sends [call] once, and suspends until its answer is there; also in Android's main thread. If the coroutine is cancelled, the connection is
 * closed. Unless [Call.wasSent] is false then, it isn't known whether the request was carried out: the tracker will tell.
 *
 * The client's settings hold, but it neither follows redirects nor tries again, and a call takes 30 seconds at most if the client has no
 * `callTimeout`.
 *
 * @return what the answer says, as [Call.read] reads it.
 * @throws space.bananatech.NotSentException if nothing of the request left, after which [Call.wasSent] is false.
 * @throws java.io.IOException if the answer didn't come, not in time, or with more than 16 MiB.
 * @throws space.bananatech.BananaTechException if the API refused, or the answer can't be trusted or understood.
 * @throws IllegalStateException if [call] was sent before, by whichever client. It isn't sent again.
 */
public suspend fun <R> OkHttpClient.await(call: Call<R>): R = executeAsync(call).await()

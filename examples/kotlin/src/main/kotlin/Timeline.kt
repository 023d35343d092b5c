package example

import java.util.Locale

/** What is printed: one line per thing that happens, with the milliseconds since the start. */
class Timeline {
    private val start = System.nanoTime()

    fun step(what: String) = println("\n$what")

    fun request(text: String) = line("request", text)

    fun answer(text: String) = line("  answer", text)

    fun refused(text: String) = line("  refused", text)

    fun webhook(text: String) = line("  webhook", text)

    fun state(text: String) = line("  state", text)

    fun note(text: String) = line("", text)

    fun end(text: String) {
        println()
        line("done", text)
    }

    private fun line(sign: String, text: String) =
        println("%6d ms  %-9s %s".format(Locale.ROOT, (System.nanoTime() - start) / 1_000_000, sign, text))
}

package example

/**
 * The sandbox as a child process, on a free port. It ends when this process does: its standard input closes then.
 *
 * @param program Its file.
 */
class Sandbox(program: String, webhookUrl: String) {
    private val process =
        ProcessBuilder(program, "--port", "0", "--exit-with-stdin", "--webhook-url", webhookUrl)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start()

    val url: String

    init {
        val line = process.inputStream.bufferedReader().readLine().orEmpty()
        url = line.removePrefix("bananatech-sandbox listening on ")
        check(url != line) { "the sandbox should say its address first" }
    }

    fun stop() {
        process.outputStream.close()
        val status = process.waitFor()
        check(status == 0) { "the sandbox ended with $status" }
    }
}

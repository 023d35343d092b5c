package space.bananatech.sandbox;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * A sandbox that is running: a card issuer for tests, in a process of its own, with a port and a memory of its own. It listens on loopback only.
 *
 * <pre>{@code
 * try (Sandbox sandbox = Sandbox.start()) {
 *     // sandbox.url() is the merchant's baseUrl.
 * }
 * }</pre>
 *
 * It ends with {@link #close()}, and at the latest when this JVM ends, even by a crash.
 */
public final class Sandbox implements AutoCloseable {
  /** The Merchant-ID of the first merchant. */
  public static final String MERCHANT_ID = "6f1c3f9e-52a4-4a0f-9b57-1b8d4a6f2c10";
  /** Its Secret Key, by the codec {@code utf8}. */
  public static final String SECRET_KEY = "sandbox-secret-key-0123456789abc";

  private static final String LISTENING = "listening on ";

  private final Process process;
  private final URI url;

  private Sandbox(Process process, URI url) {
    this.process = process;
    this.url = url;
  }

  /**
   * Starts a sandbox with everything as the program has it.
   *
   * @return the sandbox, which listens already
   * @throws IOException if there is no program for this platform, or if it can't start; the message says why
   */
  public static Sandbox start() throws IOException {
    return new Builder().start();
  }

  /**
   * How a sandbox is started.
   *
   * @return a builder; what it isn't told is as the program has it
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The sandbox's host, such as {@code http://127.0.0.1:41267}: the merchant's {@code baseUrl}. Behind it, {@code /_sandbox/} is what controls the sandbox.
   *
   * @return the address, without a slash at the end
   */
  public URI url() {
    return url;
  }

  /**
   * Sets where the first merchant's webhooks go, once the port of your own server is known.
   *
   * @param webhooks {@code http://}, on this machine
   * @throws IOException if the sandbox refuses it
   */
  public void setWebhookUrl(URI webhooks) throws IOException {
    control("merchants/webhook-url", "{\"url\":\"" + webhooks + "\"}");
  }

  /**
   * Controls the sandbox: faults, the clock, money. What takes a POST in the sandbox's README, "Control", is done so.
   *
   * @param path what comes after {@code /_sandbox/}, such as {@code faults}
   * @param json what it is given, such as <code>{"kind":"duplicate"}</code>
   * @return what the sandbox answered, as JSON
   * @throws IOException if the sandbox refuses it; the message says why
   */
  public String control(String path, String json) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/_sandbox/" + path))
            .header("content-type", "application/json")
            .timeout(Duration.ofSeconds(30))
            .POST(BodyPublishers.ofString(json))
            .build();
    try {
      HttpResponse<String> answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException(path + ": " + answer.statusCode() + " " + answer.body());
      }
      return answer.body();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(path);
    }
  }

  /** Ends the sandbox, which finishes what is under way. Calling it again does nothing. */
  @Override
  public void close() {
    try {
      // It ends when its standard input is closed.
      process.getOutputStream().close();
      process.waitFor();
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IOException failed) {
      process.destroyForcibly();
      throw new UncheckedIOException(failed);
    }
  }

  /** How business refusals travel; the API's documentation doesn't say. */
  public enum Errors {
    /** As they are. */
    PLAIN,
    /** Sealed, as other answers. */
    SEALED
  }

  /** How a sandbox is started. What isn't given is as the program has it. */
  public static final class Builder {
    private final List<String> options = new ArrayList<>();
    private boolean port;
    private boolean log;

    private Builder() {}

    /**
     * The port on 127.0.0.1. Otherwise the system chooses one, so that sandboxes can run side by side.
     *
     * @param port the port
     * @return this
     */
    public Builder port(int port) {
      this.port = true;
      return option("port", port);
    }

    /**
     * Where everything is kept. Otherwise everything is in memory, and is forgotten at the end.
     *
     * @param file an SQLite file, which is made if it isn't there
     * @return this
     */
    public Builder database(Path file) {
      return option("database", file);
    }

    /**
     * Other merchants, templates, users and stock for a new database.
     *
     * @param file a JSON file, as the sandbox's README has it
     * @return this
     */
    public Builder seed(Path file) {
      return option("seed", file);
    }

    /**
     * Where the first merchant's webhooks go. Until an address is set, they wait.
     *
     * @param url {@code http://}, on this machine
     * @return this
     */
    public Builder webhookUrl(URI url) {
      return option("webhook-url", url);
    }

    /**
     * How long the banking provider takes over an operation. Otherwise 50 milliseconds.
     *
     * @param delay at least 0, in whole milliseconds
     * @return this
     */
    public Builder processingDelay(Duration delay) {
      return option("processing-delay-ms", delay.toMillis());
    }

    /**
     * The wait after a delivery's first failed attempt, which doubles with each further one, up to a minute. Otherwise 500 milliseconds.
     *
     * @param wait at least 0, in whole milliseconds
     * @return this
     */
    public Builder retryBase(Duration wait) {
      return option("retry-base-ms", wait.toMillis());
    }

    /**
     * How business refusals travel. Otherwise {@link Errors#PLAIN}.
     *
     * @param errors the way
     * @return this
     */
    public Builder errors(Errors errors) {
      return option("errors", errors.name().toLowerCase(Locale.ROOT));
    }

    /**
     * Has the sandbox write its log to this process's standard error: one line for each request and delivery, without keys and card numbers.
     *
     * @param log whether to
     * @return this
     */
    public Builder log(boolean log) {
      this.log = log;
      return this;
    }

    /**
     * Starts a sandbox.
     *
     * @return the sandbox, which listens already
     * @throws IOException if there is no program for this platform, or if it can't start; the message says why
     */
    public Sandbox start() throws IOException {
      List<String> command = new ArrayList<>();
      command.add(Program.path().toString());
      command.addAll(options);
      if (!port) {
        command.add("--port=0");
      }
      // The system closes its standard input when this JVM ends, however it ends.
      command.add("--exit-with-stdin");
      Process process = new ProcessBuilder(command).start();
      Log told = new Log(process.getErrorStream(), log);
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      String line;
      while ((line = lines.readLine()) != null) {
        int at = line.indexOf(LISTENING);
        if (at >= 0) {
          return new Sandbox(process, URI.create(line.substring(at + LISTENING.length())));
        }
      }
      throw new IOException("bananatech-sandbox ended before it listened: " + told.text());
    }

    private Builder option(String name, Object value) {
      Objects.requireNonNull(value, name);
      // With `=`, so that a value isn't taken for an option.
      options.add("--" + name + "=" + value);
      return this;
    }
  }

  /** Reads what the program logs, which would otherwise wait for a reader once the pipe is full. */
  private static final class Log {
    private static final int ENOUGH = 10_000;

    private final StringBuffer told = new StringBuffer();
    private final Thread reader;

    Log(InputStream from, boolean shown) {
      reader = new Thread(() -> read(from, shown), "bananatech-sandbox-log");
      reader.setDaemon(true);
      reader.start();
    }

    private void read(InputStream from, boolean shown) {
      try (BufferedReader lines = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
        String line;
        while ((line = lines.readLine()) != null) {
          if (shown) {
            System.err.println(line);
          }
          if (told.length() < ENOUGH) {
            told.append(line).append('\n');
          }
        }
      } catch (IOException ended) {
        // With the process.
      }
    }

    /** All that a process told that has ended. */
    String text() {
      try {
        reader.join();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
      return told.toString().trim();
    }
  }
}

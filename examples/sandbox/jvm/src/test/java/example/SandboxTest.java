package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import space.bananatech.sandbox.Sandbox;

class SandboxTest {
  private static final String OK = "{\"status\":\"ok\"}";

  /** Starts a sandbox, tells its address, and leaves it running. */
  public static final class Forgetful {
    public static void main(String[] arguments) throws Exception {
      // It is left open on purpose.
      @SuppressWarnings("resource")
      Sandbox sandbox = Sandbox.start();
      System.out.println(sandbox.url());
    }
  }

  @Test
  void eachSandboxIsItsOwnAndCloseEndsIt(@TempDir Path folder) throws Exception {
    Path database = folder.resolve("sandbox.db");
    try (Sandbox first = Sandbox.start();
        Sandbox second =
            Sandbox.builder()
                .database(database)
                .webhookUrl(URI.create("http://127.0.0.1:1/webhooks"))
                .processingDelay(Duration.ofMillis(1))
                .retryBase(Duration.ofSeconds(1))
                .errors(Sandbox.Errors.SEALED)
                .log(false)
                .start()) {
      assertNotEquals(first.url(), second.url());
      assertEquals(OK, Support.health(first.url()));
      first.close();
      assertTrue(Support.isGone(first.url()));
      assertEquals(OK, Support.health(second.url()));
      assertTrue(Files.exists(database));
    }
  }

  @Test
  void itIsControlled() throws Exception {
    try (Sandbox sandbox = Sandbox.start()) {
      sandbox.setWebhookUrl(URI.create("http://127.0.0.1:9/webhooks"));
      assertTrue(sandbox.control("faults", "{\"kind\":\"duplicate\"}").startsWith("{"));
      IOException refused = assertThrows(IOException.class, () -> sandbox.control("faults", "{\"kind\":\"none\"}"));
      assertTrue(refused.getMessage().startsWith("faults: 400 "), refused.getMessage());
    }
  }

  @Test
  void aPortCanBeChosen() throws Exception {
    int port;
    try (Sandbox sandbox = Sandbox.start()) {
      port = sandbox.url().getPort();
    }
    try (Sandbox sandbox = Sandbox.builder().port(port).start()) {
      assertEquals(port, sandbox.url().getPort());
    }
  }

  @Test
  void whatCantStartSaysWhy() {
    IOException failed =
        assertThrows(IOException.class, () -> Sandbox.builder().seed(Path.of("no-such-file.json")).start());
    assertTrue(failed.getMessage().contains("cannot read no-such-file.json"), failed.getMessage());
    assertThrows(NullPointerException.class, () -> Sandbox.builder().seed(null));
  }

  @Test
  void itEndsWithTheProcessThatForgotIt() throws Exception {
    Process process = java(Map.of(), Forgetful.class.getName());
    URI url = URI.create(firstLine(process));
    assertEquals(0, process.waitFor());
    assertTrue(Support.isGone(url));
  }

  @Test
  void aProgramOfOnesOwnIsNamedByAVariable() throws Exception {
    Process process = java(Map.of("BANANATECH_SANDBOX", "/no/such/program"), Forgetful.class.getName());
    assertEquals(1, process.waitFor());
    assertTrue(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).contains("/no/such/program"));
  }

  @Test
  void aPlatformWithoutAProgramIsNamed() throws Exception {
    Process process = java(Map.of(), "-Dos.name=Windows 11", "-Dos.arch=aarch64", Forgetful.class.getName());
    assertEquals(1, process.waitFor());
    String told = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(told.contains("there is no program for windows11-aarch64"), told);
  }

  private static Process java(Map<String, String> environment, String... arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    builder.command().add("-cp");
    builder.command().add(System.getProperty("java.class.path"));
    builder.command().addAll(List.of(arguments));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static String firstLine(Process process) throws IOException {
    return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
  }
}

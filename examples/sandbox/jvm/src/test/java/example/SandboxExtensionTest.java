package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import space.bananatech.sandbox.Sandbox;
import space.bananatech.sandbox.SandboxExtension;

class SandboxExtensionTest {
  // #region junit
  @RegisterExtension
  static final SandboxExtension sandbox =
      new SandboxExtension(Sandbox.builder().processingDelay(Duration.ofMillis(1)));

  @Test
  void theSandboxIsHealthy() throws Exception {
    URI host = sandbox.url(); // such as http://127.0.0.1:41267
    assertEquals("{\"status\":\"ok\"}", Support.health(host));
  }
  // #endregion junit

  private static URI seenByAll;

  @BeforeAll
  static void before() {
    seenByAll = sandbox.url();
  }

  @AfterAll
  static void after() throws Exception {
    assertEquals(seenByAll, sandbox.url());
    Support.health(seenByAll);
  }

  /** The one of the class around it runs on, and isn't started once more. */
  @Nested
  class Inner {
    @Test
    void itIsTheSame() {
      assertEquals(seenByAll, sandbox.url());
    }
  }

  /** It runs for one test, and ends with it. */
  @Nested
  class ForATest {
    private static URI seen;

    @RegisterExtension final SandboxExtension own = new SandboxExtension();

    @Test
    void first() throws Exception {
      check();
    }

    @Test
    void second() throws Exception {
      check();
    }

    private void check() throws Exception {
      assertNotEquals(sandbox.url(), own.url());
      if (seen != null) {
        assertTrue(Support.isGone(seen));
      }
      seen = own.url();
      Support.health(seen);
    }

    @AfterAll
    static void after() throws Exception {
      assertTrue(Support.isGone(seen));
    }
  }

  @Test
  void outsideOfTestsThereIsNone() {
    assertThrows(IllegalStateException.class, new SandboxExtension()::url);
  }
}

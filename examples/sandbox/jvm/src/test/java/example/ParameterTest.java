package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import space.bananatech.sandbox.Sandbox;
import space.bananatech.sandbox.SandboxExtension;

/** It runs for all tests of the class, which take it as a parameter. */
@ExtendWith(SandboxExtension.class)
class ParameterTest {
  private static URI seen;

  @BeforeAll
  static void before(Sandbox sandbox) {
    seen = sandbox.url();
  }

  @Test
  void first(Sandbox sandbox) throws Exception {
    assertEquals(seen, sandbox.url());
    Support.health(seen);
  }

  @Test
  void second(Sandbox sandbox) {
    assertEquals(seen, sandbox.url());
  }
}

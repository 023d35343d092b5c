package space.bananatech.sandbox;

import java.net.URI;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Runs a {@link Sandbox} for tests of JUnit 5: one for all tests of a class, if it is a static field or named in {@code @ExtendWith}; one for each test, if
 * it is a field of an instance.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final SandboxExtension sandbox = new SandboxExtension();
 *
 * @Test
 * void aCardIsIssued() {
 *     URI host = sandbox.url();
 * }
 * }</pre>
 *
 * A test may also take a parameter of the type {@link Sandbox}.
 */
public final class SandboxExtension
    implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback, ParameterResolver {
  private final Sandbox.Builder how;
  private Sandbox running;
  /** The classes that it runs for: one, and those that are nested in it. */
  private final Set<String> classes = new HashSet<>();

  /** Of a sandbox with everything as the program has it. */
  public SandboxExtension() {
    this(Sandbox.builder());
  }

  /**
   * Of a sandbox that is started so.
   *
   * @param how how it is started
   */
  public SandboxExtension(Sandbox.Builder how) {
    this.how = how;
  }

  /**
   * The host of the sandbox that runs.
   *
   * @return the address, without a slash at the end
   * @throws IllegalStateException if no test runs
   */
  public URI url() {
    return running().url();
  }

  /**
   * The sandbox that runs, to control it. The extension ends it.
   *
   * @return the sandbox
   * @throws IllegalStateException if no test runs
   */
  public Sandbox sandbox() {
    return running();
  }

  @Override
  public synchronized void beforeAll(ExtensionContext context) throws Exception {
    if (classes.isEmpty()) {
      running = how.start();
    }
    classes.add(context.getUniqueId());
  }

  @Override
  public synchronized void beforeEach(ExtensionContext context) throws Exception {
    if (classes.isEmpty()) {
      running = how.start();
    }
  }

  @Override
  public synchronized void afterEach(ExtensionContext context) {
    if (classes.isEmpty()) {
      end();
    }
  }

  @Override
  public synchronized void afterAll(ExtensionContext context) {
    // JUnit calls it also for a class whose beginning failed.
    if (classes.remove(context.getUniqueId()) && classes.isEmpty()) {
      end();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Sandbox.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return running();
  }

  private synchronized Sandbox running() {
    if (running == null) {
      throw new IllegalStateException("the sandbox runs during tests only: is the field annotated with @RegisterExtension?");
    }
    return running;
  }

  private void end() {
    if (running != null) {
      running.close();
      running = null;
    }
  }
}

package space.bananatech.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;

/** The sandbox's program. */
final class Program {
  /** Names a program of one's own. */
  static final String VARIABLE = "BANANATECH_SANDBOX";

  private static Path unpacked;

  private Program() {}

  /** The one that a variable names, or the one for this platform, which this jar has. */
  static Path path() throws IOException {
    String own = System.getenv(VARIABLE);
    return own == null || own.isEmpty() ? unpack() : Path.of(own);
  }

  /** Once for each JVM; the file goes when the JVM ends. */
  private static synchronized Path unpack() throws IOException {
    if (unpacked == null) {
      String platform = platform(System.getProperty("os.name"), System.getProperty("os.arch"));
      try (InputStream program = Program.class.getResourceAsStream(platform + "/bananatech-sandbox")) {
        if (program == null) {
          throw new IOException(
              "bananatech-sandbox: there is no program for "
                  + platform
                  + ". Build it with `cargo install bananatech-sandbox`, and name the program in "
                  + VARIABLE);
        }
        Path folder = Files.createTempDirectory("bananatech-sandbox");
        folder.toFile().deleteOnExit();
        Path file = folder.resolve("bananatech-sandbox");
        // Files are deleted in the reverse order.
        file.toFile().deleteOnExit();
        Files.copy(program, file, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        unpacked = file;
      }
    }
    return unpacked;
  }

  /** A platform's name: the folder that its program is in. */
  static String platform(String system, String processor) {
    String os = system.toLowerCase(Locale.ROOT).replace(" ", "");
    String cpu = processor.equals("amd64") ? "x86_64" : processor;
    return os + "-" + cpu;
  }
}

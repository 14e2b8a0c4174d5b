package dev.backhaul;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An app in Java: no suspend function, no unsigned number and no mangled name is in its way. */
class JavaCallerTest {
    private static final long PATIENCE_S = 30;

    /** A delegate as one in Java is: it overrides what it needs. */
    private static final class Downloads implements SessionDelegate {
        final CompletableFuture<DownloadedFile> file = new CompletableFuture<>();
        final CompletableFuture<TransferException> end = new CompletableFuture<>();

        @Override
        public void didFinishDownloadingTo(TaskInfo task, DownloadedFile finished) {
            file.complete(finished);
        }

        @Override
        public void didComplete(TaskInfo task, TransferException error) {
            end.complete(error);
        }
    }

    private static BackgroundConfiguration configuration(Fixture fixture) throws TransferException {
        BackgroundConfiguration configuration = fixture.background("java");
        configuration.setTimeoutForResource(Duration.ofHours(1));
        configuration.setAllowsCellularAccess(false);
        return configuration;
    }

    // rule S3
    @Test
    void aDownload() throws Exception {
        ExecutorService queue = Executors.newSingleThreadExecutor();
        Downloads downloads = new Downloads();
        try (Fixture fixture = new Fixture();
                Session session = new Session(configuration(fixture), downloads, DelegateQueue.of((Executor) queue))) {
            Request request = Request.builder(fixture.serve("a", 100_000, ""))
                    .callerId("a")
                    .priority(1f)
                    .expectedSize(100_000)
                    .header("X-One", "1")
                    .build();
            DownloadTask task = session.downloadTask(request);
            assertEquals(TaskState.Suspended.INSTANCE, task.info().getState());
            assertEquals("suspended", task.explain().getTask().getState().toString().toLowerCase());
            task.resume();
            DownloadedFile file = downloads.file.get(PATIENCE_S, TimeUnit.SECONDS);
            assertArrayEquals(fixture.bytes("a"), Files.readAllBytes(file.getLocation()));
            assertEquals(100_000, file.getLength());
            assertEquals(null, downloads.end.get(PATIENCE_S, TimeUnit.SECONDS));
            List<TaskInfo> tasks = session.tasks();
            assertEquals("a", tasks.get(0).getCallerId());
            assertEquals(task, session.taskWithCallerId("a"));
        } finally {
            queue.shutdown();
        }
    }

    // rule E3
    @Test
    void anErrorIsATypedException() throws Exception {
        TransferException empty =
                assertThrows(TransferException.class, () -> SessionConfiguration.background(""));
        assertInstanceOf(TransferException.InvalidIdentifier.class, empty);
        Downloads downloads = new Downloads();
        try (Fixture fixture = new Fixture();
                Session session = new Session(configuration(fixture), downloads)) {
            session.enqueue(Request.builder(fixture.serve("b", 10, "fault=error-body&status=404")).build());
            TransferException error = downloads.end.get(PATIENCE_S, TimeUnit.SECONDS);
            assertTrue(error.getMessage().contains("404"), error.getMessage());
        }
    }

    // rule W3
    @Test
    void aWake() throws Exception {
        CompletableFuture<Boolean> completed = new CompletableFuture<>();
        try (Fixture fixture = new Fixture();
                BackgroundSessions sessions = BackgroundSessions.launch(fixture.getContainer(), identifier -> null)) {
            WakeTicket ticket = new WakeTicket(Duration.ofSeconds(10), null, () -> completed.complete(true));
            sessions.handleWake(ticket);
            assertTrue(completed.get(PATIENCE_S, TimeUnit.SECONDS));
        }
    }
}

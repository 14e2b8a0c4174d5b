package dev.backhaul

import org.junit.jupiter.api.Test
import java.lang.ref.WeakReference

class LeakTest {
    /** Makes a session with a delegate, ends it, and keeps neither. Not a suspend function: those keep their values longer. */
    private fun weakly(
        fixture: Fixture,
        end: (Session, Recorder) -> Unit,
    ): List<WeakReference<*>> {
        val recorder = Recorder()
        val session = Session(fixture.background(), recorder)
        val task = session.enqueueBlocking(Request(fixture.serve("a")))
        recorder.awaitEnds()
        end(session, recorder)
        return listOf(WeakReference(session), WeakReference(recorder), WeakReference(task))
    }

    @Test
    fun `session and delegate are released after they became invalid`() =
        withFixture { fixture ->
            // rule C3
            val references =
                weakly(fixture) { session, recorder ->
                    session.finishTasksAndInvalidate()
                    recorder.awaitInvalid()
                }
            eventually("released") { references.all { it.get() == null } }
        }

    @Test
    fun `session and delegate are released after a close`() =
        withFixture { fixture ->
            // rule C3
            val references = weakly(fixture) { session, _ -> session.close() }
            eventually("released") { references.all { it.get() == null } }
        }

    @Test
    fun `a delegate is released although its session is kept`() =
        withFixture { fixture ->
            // rule C3
            var kept: Session? = null
            val (_, delegate) =
                weakly(fixture) { session, recorder ->
                    kept = session
                    session.invalidateAndCancel()
                    recorder.awaitInvalid()
                }
            eventually("released") { delegate.get() == null }
            checkNotNull(kept).close()
        }

    @Test
    fun `a session that nobody refers to ends by itself`() =
        withFixture { fixture ->
            // rule S7
            val references = weakly(fixture) { _, _ -> }
            eventually("released, and the identifier is free") {
                references.all { it.get() == null } &&
                    runCatching { Session(fixture.background(), Recorder()).close() }.isSuccess
            }
        }
}

package dev.backhaul.wear.model

import dev.backhaul.WaitReason
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Each reason to wait in one short sentence. */
@RunWith(RobolectricTestRunner::class)
class ReasonsTest {
    private val resources = RuntimeEnvironment.getApplication().resources

    // rules P1, E1
    @Test
    fun `every reason is one short sentence, and no two read the same`() {
        val sentences = WaitReason.entries.map { resources.getString(it.sentence) }
        assertEquals(20, sentences.size)
        for (sentence in sentences) {
            assertTrue(sentence.length <= 42, "it fits into two lines of a small watch: $sentence")
            assertTrue(sentence.first().isUpperCase(), sentence)
            assertEquals(sentence.length - 1, sentence.indexOf('.'), sentence)
        }
        assertEquals(sentences.size, sentences.toSet().size)
    }
}

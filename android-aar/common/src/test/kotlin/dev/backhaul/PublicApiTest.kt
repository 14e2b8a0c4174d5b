package dev.backhaul

import org.junit.jupiter.api.Test

class PublicApiTest {
    private val api = PublicApi("backhaul")

    // rule E3
    @Test
    fun `the public API is the one that is checked in`(): Unit = api.assertIsCheckedIn()

    // rule E3
    @Test
    fun `no generated and no unsigned type is in the public API`(): Unit = api.assertHasNoForeignType()
}

package dev.backhaul

/**
 * What another task can go on from (rule L4): [Session.downloadTaskWithResumeData]. Opaque, versioned, and checked when
 * it is used; only of use in the container that it comes from, for seven days.
 *
 * @property text what an app may store to make it again.
 */
public data class ResumeData(
    public val text: String,
) {
    override fun toString(): String = "ResumeData(${text.length} characters)"
}

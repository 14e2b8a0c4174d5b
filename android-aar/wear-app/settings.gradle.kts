// For Android Studio: a build of its own, that takes Backhaul from the repository that `android-aar/assemble-aar` fills.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositoriesMode = RepositoriesMode.FAIL_ON_PROJECT_REPOS
    repositories {
        maven { url = uri(providers.gradleProperty("backhaul.repository").getOrElse("../target/repository")) }
        google()
        mavenCentral()
    }
}

rootProject.name = "postcards"

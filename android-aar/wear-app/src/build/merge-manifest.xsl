<?xml version="1.0" encoding="utf-8"?>
<!--
  Merges the library's manifest into the app's: its permissions, its features, and what is in its <application>. All that
  an app of one library needs of a manifest merger. What both say is said once, as the app says it.
-->
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:android="http://schemas.android.com/apk/res/android"
                xmlns:tools="http://schemas.android.com/tools"
                exclude-result-prefixes="tools">
  <xsl:param name="library"/>
  <xsl:output encoding="utf-8" indent="yes"/>
  <xsl:strip-space elements="*"/>

  <xsl:variable name="app" select="/manifest"/>
  <xsl:variable name="lib" select="document($library)/manifest"/>

  <xsl:template match="/manifest/application">
    <xsl:for-each select="$lib/*[not(self::application) and not(self::uses-sdk)]">
      <xsl:variable name="name" select="@android:name"/>
      <xsl:if test="not($app/*[name() = name(current()) and @android:name = $name])">
        <xsl:apply-templates select="."/>
      </xsl:if>
    </xsl:for-each>
    <xsl:copy>
      <xsl:apply-templates select="@*|node()"/>
      <xsl:for-each select="$lib/application/*">
        <xsl:variable name="name" select="@android:name"/>
        <xsl:if test="not($app/application/*[name() = name(current()) and @android:name = $name])">
          <xsl:apply-templates select="."/>
        </xsl:if>
      </xsl:for-each>
    </xsl:copy>
  </xsl:template>

  <xsl:template match="*">
    <xsl:element name="{name()}">
      <xsl:apply-templates select="@*|node()"/>
    </xsl:element>
  </xsl:template>

  <xsl:template match="comment()"/>

  <!-- For mergers only. -->
  <xsl:template match="@tools:*"/>

  <!-- In a library's manifest the app's package is a place-holder. -->
  <xsl:template match="@*[contains(., '${applicationId}')]">
    <xsl:attribute name="{name()}">
      <xsl:value-of select="substring-before(., '${applicationId}')"/>
      <xsl:value-of select="$app/@package"/>
      <xsl:value-of select="substring-after(., '${applicationId}')"/>
    </xsl:attribute>
  </xsl:template>

  <xsl:template match="@*">
    <xsl:copy/>
  </xsl:template>
</xsl:stylesheet>

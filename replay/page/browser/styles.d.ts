/** Styles lie beside the component that they are for; the build gathers them into the page. */
declare module '*.css';
